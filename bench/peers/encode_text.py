"""Text files to the token ids that train_text.py reads.

    python encode_text.py TEXT OUT [--vocab 2048 | --tokenizer tokenizer.json] [--held-out 0.1]

Trains a byte-level BPE on the text (as `culebra tokenizer` does), or takes a given tokenizer.json. Writes train.bin and
val.bin (little-endian 16-bit ids; the held-out part is the end of the text), tokenizer.json and meta.json in OUT.
"""

import argparse
import json
import pathlib

import numpy as np
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers


def trained(text, vocabulary):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator([text], trainers.BpeTrainer(
        vocab_size=vocabulary, special_tokens=["<|endoftext|>"], initial_alphabet=alphabet, show_progress=False))
    return tokenizer


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--vocab", type=int, default=2048)
    parser.add_argument("--tokenizer", type=pathlib.Path)
    parser.add_argument("--held-out", type=float, default=0.1, help="share of the text's characters")
    a = parser.parse_args()

    text = a.text.read_text(encoding="utf-8")
    cut = round(len(text) * (1 - a.held_out))
    parts = {"train": text[:cut], "val": text[cut:]}
    tokenizer = Tokenizer.from_file(str(a.tokenizer)) if a.tokenizer else trained(parts["train"], a.vocab)
    if tokenizer.get_vocab_size() > 1 << 16:
        parser.error(f"{a.tokenizer}: {tokenizer.get_vocab_size()} tokens do not fit into 16 bits")
    a.out.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(a.out / "tokenizer.json"))
    meta = {"vocab": tokenizer.get_vocab_size()}
    for name, part in parts.items():
        ids = np.array(tokenizer.encode(part, add_special_tokens=False).ids, dtype="<u2")
        ids.tofile(a.out / f"{name}.bin")
        meta[name] = {"tokens": len(ids), "bytes": len(part.encode("utf-8"))}
    (a.out / "meta.json").write_text(json.dumps(meta) + "\n")
    print(json.dumps(meta))


if __name__ == "__main__":
    main()
