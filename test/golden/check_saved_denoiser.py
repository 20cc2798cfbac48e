"""Loads a denoiser's folder into diffusers, and compares its output with a case.

    python check_saved_denoiser.py FOLDER [--case FILE] [--tolerance 1e-5]

FOLDER holds config.json and diffusion_pytorch_model.safetensors, written by culebra or by denoiser.py. FILE holds images
x, B x C x S x S, steps t and classes y, B, and the output that is expected; by default it is FOLDER/case.safetensors, if
that exists. Exit code 1: something does not fit; the reason is on stderr.
"""

import argparse
import pathlib
import sys

import torch
from diffusers import DiTTransformer2DModel
from safetensors.torch import load_file


def fail(reason):
    sys.exit(f"check_saved_denoiser: {reason}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--case", type=pathlib.Path)
    parser.add_argument("--tolerance", type=float, default=1e-5, help="of the largest value")
    arguments = parser.parse_args()

    model, info = DiTTransformer2DModel.from_pretrained(
        arguments.folder, torch_dtype=torch.float32, output_loading_info=True)
    wrong = {kind: sorted(map(str, names)) for kind, names in info.items() if names}
    if wrong:
        fail(f"{arguments.folder}: the parameters are not those of DiTTransformer2DModel: {wrong}")
    print(f"{len(model.state_dict())} tensors fit", file=sys.stderr)
    file = arguments.case or arguments.folder / "case.safetensors"
    if not arguments.case and not file.exists():
        return
    case = load_file(file)
    with torch.no_grad():
        output = model.eval()(case["x"], case["t"].long(), case["y"].long()).sample
    expected = case["output"].reshape(output.shape)
    worst = (output - expected).abs().max().item() / expected.abs().max().item()
    print(f"{output.numel()} values, largest distance {worst:.2e} of the largest value", file=sys.stderr)
    if not worst <= arguments.tolerance:  # also when it is NaN
        fail(f"the outputs are further apart than {arguments.tolerance:g}")


if __name__ == "__main__":
    main()
