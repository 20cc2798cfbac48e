"""Speed of a training step in PyTorch on the CPU: the peer of `culebra bench` and of the default run.

    python train_gpt.py --vocab 8192 --context 128 --layers 4 --width 128 --heads 4 --batch 16 --threads 2

Forward, backward, clipping at norm 1.0 and fused AdamW on random token ids (or on a file of 16-bit ids), float32,
eager unless --compile. The last line of stdout is one JSON object; "tokens_per_second" is batch * context over the
median step after the warm-up.
"""

import time

import process

STARTED = process.start_epoch()

import argparse
import json
import statistics
import sys

import numpy as np
import torch

from gpt import Gpt, Shape


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--arch", choices=["gpt2", "llama"], default="gpt2")
    for name, value in dict(vocab=8192, context=128, layers=4, width=128, heads=4, batch=16, steps=30, warmup=5,
                            threads=2, seed=1).items():
        parser.add_argument("--" + name, type=int, default=value)
    parser.add_argument("--kv-heads", type=int, default=0, help="Llama only; default: as many as heads")
    parser.add_argument("--lr", type=float, default=3e-4)
    parser.add_argument("--tokens", help="file of little-endian 16-bit token ids; default: random ids")
    parser.add_argument("--compile", action="store_true", help="torch.compile (needs a C++ compiler)")
    parser.add_argument("--started", type=float, default=STARTED, help="epoch seconds from which start-up counts")
    parser.add_argument("--json", action="store_true", help="no progress on stderr")
    return parser.parse_args()


def batches(a):
    """Endless (ids, labels), each (batch, context) int64, from a file at random offsets or at random."""
    random = np.random.default_rng(a.seed)
    if a.tokens:
        tokens = np.memmap(a.tokens, dtype="<u2", mode="r")
    else:
        tokens = random.integers(0, a.vocab, size=1 << 20, dtype=np.uint16)
    while True:
        offsets = random.integers(0, len(tokens) - a.context, size=a.batch)
        rows = np.stack([tokens[o:o + a.context + 1] for o in offsets]).astype(np.int64)
        rows = torch.from_numpy(rows)
        yield rows[:, :-1], rows[:, 1:]


def main():
    a = arguments()
    torch.set_num_threads(a.threads)
    torch.manual_seed(a.seed)
    model = Gpt(Shape(a.arch, a.vocab, a.context, a.layers, a.width, a.heads, a.kv_heads))
    optimizer = model.optimizer(a.lr)
    loss_of = torch.compile(model) if a.compile else model

    seconds, losses, startup = [], [], None
    source = batches(a)
    for step in range(a.steps):
        begin = time.perf_counter()
        ids, labels = next(source)
        loss = loss_of(ids, labels)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        losses.append(loss.item())
        seconds.append(time.perf_counter() - begin)
        startup = startup or time.time() - a.started
        if not a.json:
            print(f"step {step + 1}  loss {losses[-1]:.4f}  {seconds[-1] * 1e3:.1f} ms", file=sys.stderr)

    median = statistics.median(seconds[a.warmup:])
    print(json.dumps({
        "tokens_per_second": round(a.batch * a.context / median, 1),
        "median_step_seconds": round(median, 6),
        "startup_seconds": round(startup, 3),
        "peak_rss_mib": process.peak_rss_mib(),
        "mode": "compile" if a.compile else "eager",
        "arch": a.arch,
        "parameters": sum(p.numel() for p in model.parameters()),
        "torch": torch.__version__,
        "threads": a.threads,
        "first_loss": losses[0],
        "last_loss": losses[-1],
        "seconds": [round(s, 6) for s in seconds],
    }))


if __name__ == "__main__":
    main()
