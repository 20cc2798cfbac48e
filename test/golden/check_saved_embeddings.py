"""Loads a dual encoder that culebra wrote into transformers, and compares cosines.

    culebra search FOLDER QUERY --data FILE --json > FOUND.json
    python check_saved_embeddings.py FOLDER FOUND.json [--tolerance 1e-5]

FOLDER holds a BertModel (with modules.json, texts are embedded by sentence-transformers), a CLIPModel or a VisionTextDualEncoderModel.
The query and the names in FOUND.json are texts, or files of pictures where the model reads them. Exit code 1: something does not fit; the reason is on stderr.
"""

import argparse
import json
import pathlib
import sys

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


def pixels(folder, file):
    """As transformers loads a picture and makes numbers of it, by what the folder says."""
    processor = transformers.AutoImageProcessor.from_pretrained(folder, backend="pil")
    picture = transformers.image_utils.load_image(file)
    if processor.to_dict()["do_convert_rgb"] is False:
        picture = picture.convert("L")
    return torch.from_numpy(processor(picture, return_tensors="np")["pixel_values"])


def by_modules(folder):
    """A folder of sentence-transformers by that library, null without modules.json."""
    if not (folder / "modules.json").exists():
        return None
    import sentence_transformers

    return sentence_transformers.SentenceTransformer(str(folder), device="cpu")


def embed(model, folder, config, name, sentences, query=False):
    with torch.no_grad():
        if sentences is not None:
            vector = torch.from_numpy((sentences.encode_query if query else sentences.encode_document)([name]))
        elif not sees(config):
            vector = model(input_ids=tokens(folder, config, name)).last_hidden_state.mean(1)
        elif name.endswith((".png", ".jpg", ".jpeg")):
            vector = model.visual_projection(model.vision_model(pixel_values=pixels(folder, name)).pooler_output)
        else:
            vector = model.text_projection(model.text_model(input_ids=tokens(folder, config, name)).pooler_output)
    return torch.nn.functional.normalize(vector, dim=-1)[0]


def fail(reason):
    sys.exit(f"check_saved_embeddings: {reason}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("found", type=pathlib.Path, metavar="FOUND.json")
    parser.add_argument("--tolerance", type=float, default=1e-5)
    arguments = parser.parse_args()

    routed = (arguments.folder / "router_config.json").exists()  # two encoders, each in a folder of its own
    model, config = load(arguments.folder / "query_0_Transformer" if routed else arguments.folder)
    found = json.loads(arguments.found.read_text())
    sentences = by_modules(arguments.folder)
    query = embed(model, arguments.folder, config, found["query"], sentences, query=True)
    worst = 0.0
    for one in found["nearest"]:
        cosine = float(query @ embed(model, arguments.folder, config, one["name"], sentences))
        worst = max(worst, abs(cosine - one["score"]))
    print(f"{len(found['nearest'])} cosines, largest distance {worst:.2e}", file=sys.stderr)
    if not worst <= arguments.tolerance:  # also when it is NaN
        fail(f"the cosines are further apart than {arguments.tolerance:g}")


if __name__ == "__main__":
    main()
