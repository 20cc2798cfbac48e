"""Loads a dual encoder that culebra wrote into transformers, and compares cosines.

    culebra search FOLDER QUERY --data FILE --json > FOUND.json
    python check_saved_embeddings.py FOLDER FOUND.json [--tolerance 1e-4]

FOLDER holds a BertModel (its embedding of a text is the mean of its rows), a CLIPModel or a VisionTextDualEncoderModel.
The query and the names in FOUND.json are texts, or files of pictures where the model reads them. Exit code 1: something does not fit; the reason is on stderr.
"""

import argparse
import json
import pathlib
import sys

import numpy
import torch
import transformers


def sees(config):
    return "vision_config" in config


def load(folder):
    config = json.loads((folder / "config.json").read_text())
    kind = getattr(transformers, config["architectures"][0])
    model, info = kind.from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
    # BERT's pooler is not used; the temperature and its bias are culebra's own in BertModel.
    allowed = {"logit_bias"}
    if not sees(config):
        allowed |= {"logit_scale", "pooler.dense.weight", "pooler.dense.bias"}
    wrong = {kind: sorted(map(str, names)) for kind, names in info.items() if set(names) - allowed}
    if wrong:
        fail(f"{folder}: the parameters are not those of {type(model).__name__}: {wrong}")
    return model.eval(), config


def tokens(folder, config, text):
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"))
    ids = tokenizer.encode(text, add_special_tokens=False)
    if not sees(config):
        return torch.tensor([ids[:config["max_position_embeddings"]]])
    text_config = config["text_config"]
    ids = ids[:text_config["max_position_embeddings"] - 2]
    return torch.tensor([[text_config["bos_token_id"], *ids, text_config["eos_token_id"]]])


def pixels(config, file):
    from PIL import Image
    picture = Image.open(file).convert("RGBA")
    side = config["vision_config"]["image_size"]
    if picture.size != (side, side):
        fail(f"{file}: pictures of {side} x {side} only, which need no resizing")
    white = Image.new("RGBA", picture.size, (255, 255, 255, 255))
    values = numpy.asarray(Image.alpha_composite(white, picture).convert("RGB"), dtype=numpy.float32)
    return torch.from_numpy(values.transpose(2, 0, 1).copy()).unsqueeze(0) / 127.5 - 1


def embed(model, folder, config, name):
    with torch.no_grad():
        if not sees(config):
            vector = model(input_ids=tokens(folder, config, name)).last_hidden_state.mean(1)
        elif name.endswith((".png", ".jpg", ".jpeg")):
            vector = model.visual_projection(model.vision_model(pixel_values=pixels(config, name)).pooler_output)
        else:
            vector = model.text_projection(model.text_model(input_ids=tokens(folder, config, name)).pooler_output)
    return torch.nn.functional.normalize(vector, dim=-1)[0]


def fail(reason):
    sys.exit(f"check_saved_embeddings: {reason}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("found", type=pathlib.Path, metavar="FOUND.json")
    parser.add_argument("--tolerance", type=float, default=1e-4)
    arguments = parser.parse_args()

    model, config = load(arguments.folder)
    found = json.loads(arguments.found.read_text())
    query = embed(model, arguments.folder, config, found["query"])
    worst = 0.0
    for one in found["nearest"]:
        cosine = float(query @ embed(model, arguments.folder, config, one["name"]))
        worst = max(worst, abs(cosine - one["score"]))
    print(f"{len(found['nearest'])} cosines, largest distance {worst:.2e}", file=sys.stderr)
    if not worst <= arguments.tolerance:  # also when it is NaN
        fail(f"the cosines are further apart than {arguments.tolerance:g}")


if __name__ == "__main__":
    main()
