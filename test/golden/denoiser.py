"""Writes the denoiser's golden: a small DiT in PyTorch, its output on noised images, its loss and its gradients.

    python denoiser.py [FOLDER]     (default: ../src/test/resources/golden/dit)

The model follows Peebles and Xie 2023 (arXiv:2212.09748) under the parameter names of diffusers' DiTTransformer2DModel
(check_saved_denoiser.py compares with that class), with one embedding of step and class for all blocks, as the authors
have it. All weights are drawn, because the published start hides most gradients behind zeros. FOLDER holds

  config.json, diffusion_pytorch_model.safetensors   the model
  case.safetensors   images x and targets, B x C x S x S; steps t and classes y (4 stands for none), B; weights, B; the
                     model's output; the loss, the mean over images of weight times mean squared error; and
                     gradient.NAME for every parameter

Everything is float32 on one CPU thread.
"""

import argparse
import json
import math
import pathlib

import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F

SIDE, PATCH, CHANNELS, WIDTH, DEPTH, HEADS, CLASSES, STEPS = 8, 4, 3, 16, 2, 2, 4, 100
IMAGES = 3


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.to_q, self.to_k, self.to_v = (nn.Linear(WIDTH, WIDTH) for _ in range(3))
        self.to_out = nn.ModuleList([nn.Linear(WIDTH, WIDTH)])

    def forward(self, x):
        b, n, c = x.shape
        q, k, v = (layer(x).reshape(b, n, HEADS, -1).transpose(1, 2) for layer in (self.to_q, self.to_k, self.to_v))
        return self.to_out[0](F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, n, c))


class Gelu(nn.Module):
    def __init__(self):
        super().__init__()
        self.proj = nn.Linear(WIDTH, 4 * WIDTH)

    def forward(self, x):
        return F.gelu(self.proj(x), approximate="tanh")


class FeedForward(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.ModuleList([Gelu(), nn.Identity(), nn.Linear(4 * WIDTH, WIDTH)])

    def forward(self, x):
        return self.net[2](self.net[0](x))


def modulated(x, shift, scale):
    x = F.layer_norm(x, (WIDTH,), eps=1e-6)
    return x * (1 + scale.unsqueeze(1)) + shift.unsqueeze(1)


class Told(nn.Module):
    """What a step and a class become, shared by all blocks."""

    def __init__(self):
        super().__init__()
        self.timestep_embedder = nn.ModuleDict(dict(linear_1=nn.Linear(256, WIDTH), linear_2=nn.Linear(WIDTH, WIDTH)))
        self.class_embedder = nn.ModuleDict(dict(embedding_table=nn.Embedding(CLASSES + 1, WIDTH)))

    def forward(self, t, y):
        frequencies = torch.exp(-math.log(10000) * torch.arange(128, dtype=torch.float32) / 127)
        angles = t[:, None].float() * frequencies[None]
        step = self.timestep_embedder
        told = step.linear_2(F.silu(step.linear_1(torch.cat([torch.cos(angles), torch.sin(angles)], dim=-1))))
        return F.silu(told + self.class_embedder.embedding_table(y))


class Modulation(nn.Module):
    def __init__(self, told):
        super().__init__()
        self.emb = told
        self.linear = nn.Linear(WIDTH, 6 * WIDTH)


class Block(nn.Module):
    def __init__(self, told):
        super().__init__()
        self.norm1 = Modulation(told)
        self.attn1 = Attention()
        self.ff = FeedForward()

    def forward(self, x, c):
        shift1, scale1, gate1, shift2, scale2, gate2 = self.norm1.linear(c).chunk(6, dim=1)
        x = x + gate1.unsqueeze(1) * self.attn1(modulated(x, shift1, scale1))
        return x + gate2.unsqueeze(1) * self.ff(modulated(x, shift2, scale2))


class Patches(nn.Module):
    def __init__(self):
        super().__init__()
        self.proj = nn.Conv2d(CHANNELS, WIDTH, kernel_size=PATCH, stride=PATCH)

    def forward(self, x):
        return self.proj(x).flatten(2).transpose(1, 2) + positions()


def positions():
    """Sines and cosines of the column, then of the row."""
    side = SIDE // PATCH
    rows, columns = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
    omega = 1 / 10000 ** (torch.arange(WIDTH // 4, dtype=torch.float64) / (WIDTH / 4))
    parts = []
    for place in (columns, rows):
        angles = place.reshape(-1, 1) * omega
        parts += [torch.sin(angles), torch.cos(angles)]
    return torch.cat(parts, dim=1).float().unsqueeze(0)


class DiT(nn.Module):
    def __init__(self):
        super().__init__()
        self.pos_embed = Patches()
        told = Told()
        self.transformer_blocks = nn.ModuleList(Block(told) for _ in range(DEPTH))
        self.proj_out_1 = nn.Linear(WIDTH, 2 * WIDTH)
        self.proj_out_2 = nn.Linear(WIDTH, PATCH * PATCH * CHANNELS)

    def forward(self, x, t, y):
        x = self.pos_embed(x)
        c = self.transformer_blocks[0].norm1.emb(t, y)
        for block in self.transformer_blocks:
            x = block(x, c)
        shift, scale = self.proj_out_1(c).chunk(2, dim=1)
        side = SIDE // PATCH
        x = self.proj_out_2(modulated(x, shift, scale)).reshape(-1, side, side, PATCH, PATCH, CHANNELS)
        return torch.einsum("nhwpqc->nchpwq", x).reshape(-1, CHANNELS, SIDE, SIDE)


def main():
    parser = argparse.ArgumentParser()
    here = pathlib.Path(__file__).parent
    parser.add_argument("folder", nargs="?", type=pathlib.Path, default=here / "../src/test/resources/golden/dit")
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    torch.manual_seed(1)
    model = DiT()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(0, 0.25)
    config = dict(
        _class_name="DiTTransformer2DModel", sample_size=SIDE, patch_size=PATCH, in_channels=CHANNELS,
        out_channels=CHANNELS, num_layers=DEPTH, num_attention_heads=HEADS, attention_head_dim=WIDTH // HEADS,
        attention_bias=True, activation_fn="gelu-approximate", num_embeds_ada_norm=CLASSES, norm_type="ada_norm_zero",
        norm_elementwise_affine=False, norm_eps=1e-6, dropout=0.0)
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    weights = {name: value.clone() for name, value in model.state_dict().items()}
    save_file(weights, folder / "diffusion_pytorch_model.safetensors")
    x, target = torch.randn(2, IMAGES, CHANNELS, SIDE, SIDE)
    t, y = torch.tensor([0, 37, 99]), torch.tensor([2, 4, 0])
    weights = torch.tensor([1.0, 0.25, 2.0])
    output = model(x, t, y)
    loss = (weights * ((output - target) ** 2).mean(dim=(1, 2, 3))).mean()
    loss.backward()
    case = dict(x=x, target=target, t=t.float(), y=y.float(), weights=weights, output=output.detach(), loss=loss.detach())
    case |= {"gradient." + name: parameter.grad for name, parameter in model.named_parameters()}
    save_file({name: value.contiguous() for name, value in case.items()}, folder / "case.safetensors")
    print(f"loss {loss.item():.6f}")


if __name__ == "__main__":
    main()
