"""Writes golden.safetensors with the reference implementation.

    python golden.py golden.safetensors

Needs torch and safetensors (made with 2.13 and 0.8.0). The tests do not need it.
"""

import sys

import safetensors.torch
import torch

inf, nan = float("inf"), float("nan")
tensors = {
    "scalar": torch.tensor(-2.5),
    "empty": torch.zeros(0, 3),
    "f32": torch.tensor([[1.5, -0.0, 3.4028234663852886e38], [1e-45, inf, -inf]]),
    "f16": torch.tensor(
        [0.0, -0.0, 1.0, -1.5, 65504.0, 2.0**-14, 2.0**-24, inf, nan], dtype=torch.float16
    ),
    "bf16": torch.tensor(
        [[1.0, -2.0], [3.140625, 1e-40], [3.3895313892515355e38, -inf]], dtype=torch.bfloat16
    ),
    "f64": torch.tensor([0.1, 1e-300, -1.0], dtype=torch.float64),
    "i64": torch.tensor([[-1, 2**62], [3, -(2**63)]]),
    "bool": torch.tensor([True, False, True]),
    'ünïcode "name" 𝛼': torch.tensor([7, 8, 9], dtype=torch.uint8),
}
safetensors.torch.save_file(tensors, sys.argv[1], metadata={"format": "pt"})
