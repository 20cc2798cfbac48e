"""Loads a model folder that culebra wrote into transformers, and compares logits.

    python check_saved_model.py FOLDER [--text TEXT] [--compare LOGITS.json] [--tolerance 1e-4]

FOLDER holds config.json and model.safetensors, and may hold tokenizer.json. The ids are those of LOGITS.json, else
those that tokenizer.json gives for TEXT, else 0, 1, 2, ... One JSON object goes to stdout:

    {"model": class, "text": text or null, "ids": [T ids], "logits": [T rows of V numbers]}

LOGITS.json has the same "ids" and "logits" (other keys are ignored), and may have "text": then its ids must be what
tokenizer.json gives for that text. Exit code 1: something does not fit; the reason is on stderr.
"""

import argparse
import json
import pathlib
import sys

import torch
import transformers


def load(folder):
    model, info = transformers.AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, output_loading_info=True)
    wrong = {kind: sorted(map(str, names)) for kind, names in info.items() if names}
    if wrong:
        fail(f"{folder}: the parameters are not those of {type(model).__name__}: {wrong}")
    return model.eval()


def encode(folder, text):
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"))
    ids = tokenizer.encode(text, add_special_tokens=False)
    back = tokenizer.decode(ids, clean_up_tokenization_spaces=False)
    if back != text:
        fail(f"{folder}/tokenizer.json: {text!r} comes back as {back!r}")
    return ids


def compare(logits, ours, tolerance):
    ours = torch.tensor(ours, dtype=torch.float32)
    if ours.shape != logits.shape:
        fail(f"logits of shape {tuple(ours.shape)}, but transformers gives {tuple(logits.shape)}")
    distance = (ours - logits).abs()
    worst = float(distance.max())
    at = divmod(int(distance.argmax()), logits.shape[1])
    agree = bool((ours.argmax(1) == logits.argmax(1)).all())
    print(f"largest distance {worst:.2e} at (position, token) {at}; same best tokens: {agree}", file=sys.stderr)
    if not worst <= tolerance:  # also when it is NaN
        fail(f"the logits are further apart than {tolerance:g}")


def fail(reason):
    sys.exit(f"check_saved_model: {reason}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--text", default="Call me Ishmael. Some years ago, never mind how long precisely: naïve — ½")
    parser.add_argument("--compare", type=pathlib.Path, metavar="LOGITS.json")
    parser.add_argument("--tolerance", type=float, default=1e-4)
    arguments = parser.parse_args()

    model = load(arguments.folder)
    theirs = json.loads(arguments.compare.read_text()) if arguments.compare else {}
    text = theirs.get("text", arguments.text)
    context, vocabulary = model.config.max_position_embeddings, model.config.vocab_size
    from_text = encode(arguments.folder, text) if (arguments.folder / "tokenizer.json").exists() else None
    if from_text is not None and "text" in theirs and theirs["ids"] != from_text:
        fail(f"tokenizer.json gives {from_text} for {text!r}, not {theirs['ids']}")
    if from_text is None:
        text = None
    ids = theirs.get("ids", from_text or list(range(min(context, vocabulary))))[:context]

    with torch.no_grad():
        logits = model(input_ids=torch.tensor([ids])).logits[0]
    if arguments.compare:
        compare(logits, theirs["logits"], arguments.tolerance)
    result = {"model": type(model).__name__, "text": text, "ids": ids, "logits": logits.tolist()}
    print(json.dumps(result))


if __name__ == "__main__":
    main()
