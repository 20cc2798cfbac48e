"""The decoder in its two presets, written for PyTorch's fast paths: fused QKV, fused attention, one call for the loss.

GPT-2: learned positions, LayerNorm, GELU-tanh, biases, tied head. Llama: rotary positions, RMSNorm, SwiGLU, grouped
queries, no biases, untied head. No dropout. float32.
"""

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F


@dataclass(frozen=True)
class Shape:
    arch: str  # gpt2 or llama
    vocab: int
    context: int
    layers: int
    width: int
    heads: int
    kv_heads: int = 0  # 0: as many as heads
    hidden: int = 0  # 0: 4 * width (GPT-2), 8/3 * width rounded up to a multiple of 32 (Llama)

    @property
    def head_size(self):
        return self.width // self.heads

    @property
    def key_heads(self):
        return self.kv_heads or self.heads

    @property
    def inner(self):
        return self.hidden or (4 * self.width if self.arch == "gpt2" else -(-8 * self.width // 3 // 32) * 32)


def rotate(x, cos, sin):
    """x (batch, heads, time, size), the two halves of a head being the two coordinates (Llama's layout)."""
    left, right = x.chunk(2, dim=-1)
    return x * cos + torch.cat((-right, left), dim=-1) * sin


class Attention(nn.Module):
    def __init__(self, shape):
        super().__init__()
        bias = shape.arch == "gpt2"
        self.sizes = [n * shape.head_size for n in (shape.heads, shape.key_heads, shape.key_heads)]
        self.head_size, self.grouped = shape.head_size, shape.key_heads != shape.heads
        self.qkv = nn.Linear(shape.width, sum(self.sizes), bias=bias)
        self.out = nn.Linear(shape.width, shape.width, bias=bias)

    def forward(self, x, rotary):
        batch, time, width = x.shape
        q, k, v = (t.view(batch, time, -1, self.head_size).transpose(1, 2)
                   for t in self.qkv(x).split(self.sizes, dim=-1))
        if rotary is not None:
            q, k = rotate(q, *rotary), rotate(k, *rotary)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=self.grouped)
        return self.out(y.transpose(1, 2).reshape(batch, time, width))


class GeluMlp(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.up, self.out = nn.Linear(shape.width, shape.inner), nn.Linear(shape.inner, shape.width)

    def forward(self, x):
        return self.out(F.gelu(self.up(x), approximate="tanh"))


class SwigluMlp(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.gate_up = nn.Linear(shape.width, 2 * shape.inner, bias=False)
        self.out = nn.Linear(shape.inner, shape.width, bias=False)

    def forward(self, x):
        gate, up = self.gate_up(x).chunk(2, dim=-1)
        return self.out(F.silu(gate) * up)


def norm(shape):
    return nn.LayerNorm(shape.width) if shape.arch == "gpt2" else nn.RMSNorm(shape.width, eps=1e-5)


class Block(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.norm1, self.attention = norm(shape), Attention(shape)
        self.norm2, self.mlp = norm(shape), (GeluMlp if shape.arch == "gpt2" else SwigluMlp)(shape)

    def forward(self, x, rotary):
        x = x + self.attention(self.norm1(x), rotary)
        return x + self.mlp(self.norm2(x))


class Gpt(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.tokens = nn.Embedding(shape.vocab, shape.width)
        self.positions = nn.Embedding(shape.context, shape.width) if shape.arch == "gpt2" else None
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.norm = norm(shape)
        self.head = nn.Linear(shape.width, shape.vocab, bias=False)
        self.apply(self._initialise)
        if shape.arch == "gpt2":
            self.head.weight = self.tokens.weight
            for block in self.blocks:  # GPT-2 scales what is added to the residual stream
                for added in (block.attention.out, block.mlp.out):
                    nn.init.normal_(added.weight, std=0.02 / (2 * shape.layers) ** 0.5)
        else:
            frequency = 10000.0 ** (-torch.arange(0, shape.head_size, 2) / shape.head_size)
            angle = torch.outer(torch.arange(shape.context), frequency).repeat(1, 2)  # (context, head size)
            self.register_buffer("cos", angle.cos(), persistent=False)
            self.register_buffer("sin", angle.sin(), persistent=False)

    @staticmethod
    def _initialise(module):
        if isinstance(module, (nn.Linear, nn.Embedding)):
            nn.init.normal_(module.weight, std=0.02)
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)

    def forward(self, ids, labels, reduction="mean"):
        """ids and labels (batch, time), the labels already shifted; the cross entropy in nats."""
        time = ids.shape[1]
        x, rotary = self.tokens(ids), None
        if self.positions is not None:
            x = x + self.positions.weight[:time]
        else:
            rotary = self.cos[:time], self.sin[:time]
        for block in self.blocks:
            x = block(x, rotary)
        logits = self.head(self.norm(x))
        return F.cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction=reduction)

    def optimizer(self, lr, weight_decay=0.1):
        """AdamW, fused; decay on hidden matrices and an untied head only."""
        tables = {id(m.weight) for m in self.modules() if isinstance(m, nn.Embedding)}
        decayed = [p for p in self.parameters() if p.dim() == 2 and id(p) not in tables]
        rest = [p for p in self.parameters() if p.dim() != 2 or id(p) in tables]
        groups = [{"params": decayed, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]
        return torch.optim.AdamW(groups, lr=lr, betas=(0.9, 0.95), eps=1e-8, fused=True)
