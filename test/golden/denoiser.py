"""Writes the denoiser's golden: a small DiT in PyTorch, its output on noised images, its loss and its gradients.

    python denoiser.py [FOLDER]     (default: ../src/test/resources/golden/dit)

The model follows Peebles and Xie 2023 (arXiv:2212.09748) under the parameter names of the authors' class DiT, with
learn_sigma off; all weights are drawn, because the published start hides most gradients behind zeros. FOLDER holds

  config.json, model.safetensors   the model, its fixed pos_embed included
  case.safetensors                 images x and targets, B x C x S x S; steps t and classes y (4 stands for none), B;
                                   weights, B; the model's output; the loss, the mean over images of weight times mean
                                   squared error; and gradient.NAME for every parameter

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

SIDE, PATCH, CHANNELS, WIDTH, DEPTH, HEADS, HIDDEN, CLASSES, STEPS = 8, 4, 3, 16, 2, 2, 32, 4, 100
IMAGES = 3


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.proj = nn.Linear(WIDTH, WIDTH)

    def forward(self, x):
        b, n, c = x.shape
        q, k, v = self.qkv(x).reshape(b, n, 3, HEADS, c // HEADS).permute(2, 0, 3, 1, 4)
        return self.proj(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, n, c))


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(WIDTH, HIDDEN)
        self.fc2 = nn.Linear(HIDDEN, WIDTH)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x), approximate="tanh"))


def modulated(x, shift, scale):
    x = F.layer_norm(x, (WIDTH,), eps=1e-6)
    return x * (1 + scale.unsqueeze(1)) + shift.unsqueeze(1)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.attn = Attention()
        self.mlp = Mlp()
        self.adaLN_modulation = nn.Sequential(nn.SiLU(), nn.Linear(WIDTH, 6 * WIDTH))

    def forward(self, x, c):
        shift1, scale1, gate1, shift2, scale2, gate2 = self.adaLN_modulation(c).chunk(6, dim=1)
        x = x + gate1.unsqueeze(1) * self.attn(modulated(x, shift1, scale1))
        return x + gate2.unsqueeze(1) * self.mlp(modulated(x, shift2, scale2))


class Final(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(WIDTH, PATCH * PATCH * CHANNELS)
        self.adaLN_modulation = nn.Sequential(nn.SiLU(), nn.Linear(WIDTH, 2 * WIDTH))

    def forward(self, x, c):
        shift, scale = self.adaLN_modulation(c).chunk(2, dim=1)
        return self.linear(modulated(x, shift, scale))


class Patches(nn.Module):
    def __init__(self):
        super().__init__()
        self.proj = nn.Conv2d(CHANNELS, WIDTH, kernel_size=PATCH, stride=PATCH)

    def forward(self, x):
        return self.proj(x).flatten(2).transpose(1, 2)


class Steps(nn.Module):
    def __init__(self):
        super().__init__()
        self.mlp = nn.Sequential(nn.Linear(256, WIDTH), nn.SiLU(), nn.Linear(WIDTH, WIDTH))

    def forward(self, t):
        frequencies = torch.exp(-math.log(10000) * torch.arange(128, dtype=torch.float32) / 128)
        angles = t[:, None].float() * frequencies[None]
        return self.mlp(torch.cat([torch.cos(angles), torch.sin(angles)], dim=-1))


class Classes(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding_table = nn.Embedding(CLASSES + 1, WIDTH)

    def forward(self, y):
        return self.embedding_table(y)


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
        self.x_embedder = Patches()
        self.t_embedder = Steps()
        self.y_embedder = Classes()
        self.pos_embed = nn.Parameter(positions(), requires_grad=False)
        self.blocks = nn.ModuleList(Block() for _ in range(DEPTH))
        self.final_layer = Final()

    def forward(self, x, t, y):
        x = self.x_embedder(x) + self.pos_embed
        c = self.t_embedder(t) + self.y_embedder(y)
        for block in self.blocks:
            x = block(x, c)
        side = SIDE // PATCH
        x = self.final_layer(x, c).reshape(-1, side, side, PATCH, PATCH, CHANNELS)
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
            if parameter.requires_grad:
                parameter.normal_(0, 0.25)
    config = dict(
        architectures=["DiT"], model_type="dit", input_size=SIDE, patch_size=PATCH, in_channels=CHANNELS,
        hidden_size=WIDTH, depth=DEPTH, num_heads=HEADS, mlp_ratio=HIDDEN / WIDTH, num_classes=CLASSES,
        learn_sigma=False, diffusion_steps=STEPS)
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    save_file(model.state_dict(), folder / "model.safetensors")
    x, target = torch.randn(2, IMAGES, CHANNELS, SIDE, SIDE)
    t, y = torch.tensor([0, 37, 99]), torch.tensor([2, 4, 0])
    weights = torch.tensor([1.0, 0.25, 2.0])
    output = model(x, t, y)
    loss = (weights * ((output - target) ** 2).mean(dim=(1, 2, 3))).mean()
    loss.backward()
    case = dict(x=x, target=target, t=t.float(), y=y.float(), weights=weights, output=output.detach(), loss=loss.detach())
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            case["gradient." + name] = parameter.grad
    save_file({name: value.contiguous() for name, value in case.items()}, folder / "case.safetensors")
    print(f"loss {loss.item():.6f}")


if __name__ == "__main__":
    main()
