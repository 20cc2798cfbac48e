"""What PyTorch learns from a text in a given time on the CPU: the peer of the default run's validation loss.

    python train_text.py FOLDER --vocab 2048 --seconds 110 --threads 2

FOLDER holds train.bin and val.bin, little-endian 16-bit token ids (encode_text.py writes them, or --train and --val name
them). Trains a GPT-2 of width 128 and 4 layers at fused AdamW with warm-up and cosine over the time, then scores the
whole held-out part in windows of one context that do not overlap. The last line of stdout is one JSON object; "loss" is
in nats per token, beside that of the training part's unigram counts (plus one) on the same tokens.
"""

import argparse
import json
import math
import pathlib
import sys
import time

import numpy as np
import torch

import process
from gpt import Gpt, Shape


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path, nargs="?", default=pathlib.Path("."))
    parser.add_argument("--train", type=pathlib.Path)
    parser.add_argument("--val", type=pathlib.Path)
    parser.add_argument("--arch", choices=["gpt2", "llama"], default="gpt2")
    for name, value in dict(vocab=2048, context=128, layers=4, width=128, heads=4, batch=16, threads=2,
                            seed=1).items():
        parser.add_argument("--" + name, type=int, default=value)
    parser.add_argument("--seconds", type=float, default=110, help="time for training, evaluation not counted")
    parser.add_argument("--steps", type=int, help="train this many steps in place of --seconds")
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--compile", action="store_true", help="torch.compile (its time counts)")
    return parser.parse_args()


def read(path, vocab):
    if not path.is_file():
        sys.exit(f"{path}: no such file; encode_text.py writes it")
    ids = np.fromfile(path, dtype="<u2").astype(np.int64)
    if ids.max(initial=0) >= vocab:
        sys.exit(f"{path}: token {ids.max()} is outside the vocabulary of {vocab}")
    return torch.from_numpy(ids)


def rate(progress, peak, warmup=0.03, floor=0.05):
    """Linear warm-up, then a cosine to a share of the peak; progress from 0 to 1."""
    if progress < warmup:
        return peak * max(progress / warmup, 0.01)
    cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, (progress - warmup) / (1 - warmup))))
    return peak * (floor + (1 - floor) * cosine)


def train(model, optimizer, tokens, a):
    """Trains for a.seconds or a.steps; returns (steps, seconds)."""
    random = np.random.default_rng(a.seed)
    loss_of = torch.compile(model) if a.compile else model
    window = torch.arange(a.context + 1)
    begin, step, elapsed, shown = time.perf_counter(), 0, 0.0, 0.0
    while (progress := step / a.steps if a.steps else elapsed / a.seconds) < 1:
        for group in optimizer.param_groups:
            group["lr"] = rate(progress, a.lr)
        offsets = torch.from_numpy(random.integers(0, len(tokens) - a.context, size=a.batch))
        rows = tokens[offsets[:, None] + window]
        loss = loss_of(rows[:, :-1], rows[:, 1:])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        step += 1
        elapsed = time.perf_counter() - begin
        if elapsed - shown > 5:
            shown = elapsed
            print(f"{elapsed:6.1f} s  step {step}  loss {loss.item():.4f}", file=sys.stderr)
    return step, elapsed


@torch.no_grad()
def evaluate(model, tokens, a):
    """Mean cross entropy over every token but the first, in windows that do not overlap."""
    total, scored = 0.0, len(tokens) - 1
    whole = scored // a.context
    ids, labels = (tokens[s:s + whole * a.context].view(whole, a.context) for s in (0, 1))
    for chunk in range(0, whole, 32):
        total += model(ids[chunk:chunk + 32], labels[chunk:chunk + 32], reduction="sum").item()
    if rest := scored - whole * a.context:
        total += model(tokens[None, -rest - 1:-1], tokens[None, -rest:], reduction="sum").item()
    return total / scored


def unigram(train_tokens, tokens, vocab):
    counts = torch.bincount(train_tokens, minlength=vocab).double() + 1
    return -(counts / counts.sum()).log()[tokens[1:]].mean().item()


def main():
    a = arguments()
    torch.set_num_threads(a.threads)
    torch.manual_seed(a.seed)
    train_tokens = read(a.train or a.folder / "train.bin", a.vocab)
    val_tokens = read(a.val or a.folder / "val.bin", a.vocab)
    model = Gpt(Shape(a.arch, a.vocab, a.context, a.layers, a.width, a.heads))
    steps, seconds = train(model, model.optimizer(a.lr), train_tokens, a)
    tokens = steps * a.batch * a.context
    print(json.dumps({
        "loss": round(evaluate(model, val_tokens, a), 4),
        "unigram_loss": round(unigram(train_tokens, val_tokens, a.vocab), 4),
        "scored_tokens": len(val_tokens) - 1,
        "steps": steps,
        "seconds": round(seconds, 2),
        "tokens": tokens,
        "epochs": round(tokens / len(train_tokens), 2),
        "tokens_per_second": round(tokens / seconds, 1),
        "peak_rss_mib": process.peak_rss_mib(),
        "mode": "compile" if a.compile else "eager",
        "torch": torch.__version__,
        "threads": a.threads,
    }))


if __name__ == "__main__":
    main()
