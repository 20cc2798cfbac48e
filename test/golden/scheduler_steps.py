"""Writes golden/scheduler/steps.json: ways from noise to an image by a scheduler_config.json, in float64.

    python scheduler_steps.py [FILE]     (default: ../src/test/resources/golden/scheduler/steps.json)

Written from the papers and the meaning of the keys in diffusers' documentation; it needs numpy alone. Betas and the
cosine: Ho et al. 2020, Nichol and Dhariwal 2021; zero terminal SNR and the spacings: Lin et al. 2024, algorithm 1 and
table 2; a step of DDPM: Ho et al. 2020, eq. 6 and 7, between the steps taken; a step of DDIM: Song et al. 2021, eq. 12
with eta 0, from t to t - T // S, x_0 held to the range and eps as it was predicted.

The model is a wave of image and step. FILE lists cases: config, the number of steps, the timesteps, and for each step
the image, what the model says, the mean of the next image and the deviation of what is drawn onto it.
"""

import json
import math
import pathlib
import sys

import numpy as np

IMAGE = np.array([1.7, -0.9, 0.3, -2.4])


def betas(c):
    n = c.get("num_train_timesteps", 1000)
    first, last = c.get("beta_start", 1e-4), c.get("beta_end", 0.02)
    kind = c.get("beta_schedule", "linear")
    if c.get("trained_betas") is not None:
        b = np.array(c["trained_betas"])
    elif kind == "linear":
        b = np.linspace(first, last, n)
    elif kind == "scaled_linear":
        b = np.linspace(math.sqrt(first), math.sqrt(last), n) ** 2
    elif kind == "sigmoid":
        b = first + (last - first) / (1 + np.exp(-np.linspace(-6, 6, n)))
    else:
        share = np.arange(n + 1) / n
        bar = np.cos((share + 0.008) / 1.008 * math.pi / 2) ** 2
        b = np.minimum(1 - bar[1:] / bar[:-1], 0.999)
    if c.get("rescale_betas_zero_snr", False):
        root = np.sqrt(np.cumprod(1 - b))
        root = (root - root[-1]) * root[0] / (root[0] - root[-1])
        bar = root**2
        b = 1 - bar / np.concatenate([[1], bar[:-1]])
    return b


def timesteps(c, count):
    n = c.get("num_train_timesteps", 1000)
    spacing = c.get("timestep_spacing", "leading")
    if spacing == "linspace":
        return np.linspace(0, n - 1, count).round().astype(int)[::-1]
    if spacing == "leading":
        return (np.arange(count) * (n // count))[::-1] + c.get("steps_offset", 0)
    return np.round(np.arange(n, 0, -n / count)).astype(int)[:count] - 1


def way(c, count):
    ddim = c.get("_class_name") == "DDIMScheduler"
    bars = np.cumprod(1 - betas(c))
    taken = timesteps(c, count)
    x, steps = IMAGE.copy(), []
    for i, t in enumerate(taken):
        if ddim:
            to = t - c.get("num_train_timesteps", 1000) // count
        else:
            to = taken[i + 1] if i + 1 < count else -1
        end = bars[0] if ddim and not c.get("set_alpha_to_one", True) else 1.0
        now, then = bars[t], bars[to] if to >= 0 else end
        said = 1.3 * np.sin(2 * x + t / 7)
        if c.get("prediction_type", "epsilon") == "epsilon":
            eps, image = said, (x - math.sqrt(1 - now) * said) / math.sqrt(now)
        else:
            eps = math.sqrt(now) * said + math.sqrt(1 - now) * x
            image = math.sqrt(now) * x - math.sqrt(1 - now) * said
        if c.get("clip_sample", True):
            held = c.get("clip_sample_range", 1.0)
            image = np.clip(image, -held, held)
        sigma = 0.0
        if ddim:
            mean = math.sqrt(then) * image + math.sqrt(1 - then) * eps
        else:
            beta = 1 - now / then
            mean = (math.sqrt(then) * beta * image + math.sqrt(1 - beta) * (1 - then) * x) / (1 - now)
            if t > 0:
                large = c.get("variance_type") == "fixed_large"
                sigma = math.sqrt(beta if large else beta * (1 - then) / (1 - now))
        steps.append({"x": x.tolist(), "predicted": said.tolist(), "mean": mean.tolist(), "sigma": sigma})
        x = mean + sigma * np.sin(11 * np.arange(len(x)) + i)
    return {"config": c, "length": count, "timesteps": [int(t) for t in taken], "steps": steps}


BASES = [
    {},
    {"num_train_timesteps": 100},
    {"timestep_spacing": "linspace"},
    {"timestep_spacing": "trailing"},
    {"steps_offset": 1},
    {"clip_sample": False, "timestep_spacing": "trailing"},
    {"clip_sample_range": 2.5},
    {"beta_start": 0.001, "beta_end": 0.05},
    {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012, "clip_sample": False,
     "steps_offset": 1, "set_alpha_to_one": False},
    {"beta_schedule": "squaredcos_cap_v2"},
    {"prediction_type": "v_prediction"},
    {"prediction_type": "v_prediction", "rescale_betas_zero_snr": True, "timestep_spacing": "trailing"},
    {"num_train_timesteps": 12, "trained_betas": [0.01 + 0.03 * (i % 5) for i in range(12)]},
]
DDPM = [{"variance_type": "fixed_large"}, {"beta_schedule": "sigmoid"}, {"variance_type": "fixed_small_log"}]


def main():
    here = pathlib.Path(__file__).parent
    file = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else here / "../src/test/resources/golden/scheduler/steps.json"
    cases = []
    for name, configs in (("DDIMScheduler", BASES), ("DDPMScheduler", BASES + DDPM)):
        for c in configs:
            for count in (5, 7):
                cases.append(way({"_class_name": name, **c}, count))
    spaced = {
        kind: [timesteps({"timestep_spacing": kind}, count).tolist() for count in (1, 24, 31, 48, 107)]
        for kind in ("leading", "linspace", "trailing")
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    text = ",\n".join(json.dumps(round_all(c)) for c in cases)
    file.write_text('{"cases": [\n' + text + '],\n"spaced": ' + json.dumps(spaced) + "}\n")


def round_all(value):
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, list):
        return [round_all(v) for v in value]
    return {k: round_all(v) for k, v in value.items()} if isinstance(value, dict) else value


main()
