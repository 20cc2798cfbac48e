"""Writes the golden of a ViT beside a BERT: a small VisionTextDualEncoderModel of transformers, its embeddings of
pictures and texts, its loss and its gradients.

    python image_text.py [FOLDER]     (default: ../src/test/resources/golden/vit-bert)

All weights are drawn wide enough that each of them matters. FOLDER holds

  config.json, model.safetensors   the model, as transformers' save_pretrained writes it
  case.safetensors                 pixels, B x S x S x C from 0 to 255; ids, B x T, with -1 behind a text's end; the
                                   normalised embeddings of pictures and texts; the symmetric loss; and gradient.NAME
                                   for every parameter

Everything is float32 on one CPU thread.
"""

import argparse
import pathlib
import re

import torch
from safetensors.torch import load_file, save_file
from transformers import BertConfig, ViTConfig, VisionTextDualEncoderConfig, VisionTextDualEncoderModel

SIDE, PATCH, CHANNELS, PICTURES, CONTEXT, VOCABULARY = 8, 4, 3, 4, 8, 40
LENGTHS = [8, 3, 5, 6]


def model():
    vision = ViTConfig(
        hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=40, image_size=SIDE,
        patch_size=PATCH, num_channels=CHANNELS, layer_norm_eps=1e-6)
    text = BertConfig(
        vocab_size=VOCABULARY, hidden_size=12, num_hidden_layers=2, num_attention_heads=3, intermediate_size=24,
        max_position_embeddings=CONTEXT, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    made = VisionTextDualEncoderModel(
        VisionTextDualEncoderConfig.from_vision_text_configs(vision, text, projection_dim=10))
    with torch.no_grad():
        for name, parameter in made.named_parameters():
            if name != "logit_scale":
                mean = 1.0 if re.search(r"norm\w*\.weight$", name, re.IGNORECASE) else 0.0
                parameter.normal_(mean, 0.25)
    return made.eval()


def gradients(made, folder):
    """By the names of files: those that a copy, whose weights are the gradients, is saved under."""
    values = {name: parameter.grad for name, parameter in made.named_parameters()}
    with torch.no_grad():
        for name, parameter in made.named_parameters():
            parameter.copy_(values[name])
    made.save_pretrained(folder / "gradients")
    saved = load_file(folder / "gradients/model.safetensors")
    for file in (folder / "gradients").iterdir():
        file.unlink()
    (folder / "gradients").rmdir()
    return {"gradient." + name: value for name, value in saved.items()}


def main():
    parser = argparse.ArgumentParser()
    here = pathlib.Path(__file__).parent
    parser.add_argument(
        "folder", nargs="?", type=pathlib.Path, default=here / "../src/test/resources/golden/vit-bert")
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    torch.manual_seed(1)
    made = model()
    made.save_pretrained(folder)
    pixels = torch.randint(0, 256, (PICTURES, SIDE, SIDE, CHANNELS))
    ids = torch.randint(1, VOCABULARY, (PICTURES, CONTEXT))  # 0 is the padding, which BertModel does not train
    mask = torch.arange(CONTEXT)[None] < torch.tensor(LENGTHS)[:, None]
    output = made(
        input_ids=ids, attention_mask=mask.long(), pixel_values=pixels.permute(0, 3, 1, 2) / 127.5 - 1,
        return_loss=True)
    output.loss.backward()
    case = dict(
        pixels=pixels.float(), ids=torch.where(mask, ids, -1).float(), pictures=output.image_embeds.detach(),
        texts=output.text_embeds.detach(), loss=output.loss.detach(), **gradients(made, folder))
    save_file({name: value.contiguous() for name, value in case.items()}, folder / "case.safetensors")
    print(f"loss {output.loss.item():.6f}")


if __name__ == "__main__":
    main()
