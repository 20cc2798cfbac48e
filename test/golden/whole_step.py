"""Writes the whole-step goldens: what PyTorch does in 20 AdamW steps to a small GPT-2 and a small Llama.

    python whole_step.py [FOLDER]     (default: ../src/test/resources/golden)

For each model, FOLDER/NAME holds

  config.json, model.safetensors   the initial model, as transformers' save_pretrained writes it
  steps.json                       hyper-parameters, and for every step its micro-batches, learning rate, loss and
                                   global gradient norm before clipping
  logits.safetensors               logits of the initial model: "packed" (batch, context, vocabulary) for the first
                                   micro-batch of the first step, "plain" (1, length, vocabulary) for plain_ids
  final.safetensors                the weights after the last step

Everything is float32 on one CPU thread. The loss of a step is the sum of the cross entropies of all its micro-batches
divided by the count of all their labels. The same steps are replayed in float64 and the distance is printed: it is the
part of a tolerance that rounding alone can use up. It is largest in GPT-2's key biases: softmax does not see what all
keys share, so their true gradient is 0 and AdamW moves them by normalised rounding errors. steps.json names these
slices in "no_true_gradient" ([from, to) of each bias); compare them loosely or not at all.
"""

import argparse
import copy
import json
import math
import pathlib

import torch
import transformers
from safetensors.torch import save_file
from torch.nn import functional as F

from packed_text import IGNORED, PackedText

VOCABULARY, CONTEXT, BATCH, STEPS, WARMUP = 211, 24, 3, 20, 5
PEAK, FLOOR = 4e-3, 4e-4
BETAS, EPSILON, WEIGHT_DECAY, CLIP = (0.9, 0.95), 1e-8, 0.1, 1.0
COMMON = dict(vocab_size=VOCABULARY, initializer_range=0.12, bos_token_id=0, eos_token_id=0, use_cache=False)


def gpt2():
    config = transformers.GPT2Config(
        n_positions=CONTEXT, n_embd=36, n_layer=4, n_head=3, activation_function="gelu_new",
        resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0, **COMMON)
    return transformers.GPT2LMHeadModel(config)


def llama():
    config = transformers.LlamaConfig(
        hidden_size=40, num_hidden_layers=4, num_attention_heads=4, num_key_value_heads=2, intermediate_size=88,
        max_position_embeddings=CONTEXT, rms_norm_eps=1e-5, tie_word_embeddings=False, **COMMON)
    return transformers.LlamaForCausalLM(config)


def disturb_vectors(model):
    """Moves biases off 0 and norms off 1, so that a reader which loses one of them is found out."""
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 1:
                parameter.add_(0.1 * torch.randn_like(parameter))


def decayed_names(model):
    """Hidden matrices and an untied head: everything 2-D that is no embedding."""
    embeddings = {id(m.weight) for m in model.modules() if isinstance(m, torch.nn.Embedding)}
    return [name for name, p in model.named_parameters() if p.dim() == 2 and id(p) not in embeddings]


def key_biases(model):
    """Slices of the joint query-key-value biases that belong to the keys: no gradient but rounding errors."""
    names = [name for name, _ in model.named_parameters() if name.endswith("attn.c_attn.bias")]
    width = model.config.hidden_size
    return [{"name": name, "from": width, "to": 2 * width} for name in names]


def learning_rate(step):
    """Linear warm-up over WARMUP steps, then a cosine from PEAK that would reach FLOOR at step STEPS; step from 0."""
    if step < WARMUP:
        return PEAK * (step + 1) / WARMUP
    progress = (step - WARMUP) / (STEPS - WARMUP)
    return FLOOR + (PEAK - FLOOR) * 0.5 * (1.0 + math.cos(math.pi * progress))


def logits_of(model, micro):
    """Logits (batch, context, vocabulary) under block-causal attention, one block per document."""
    starts = torch.tensor(micro["starts"]).view(BATCH, CONTEXT) % CONTEXT
    key = torch.arange(CONTEXT)
    seen = (key >= starts[:, :, None]) & (key <= key[:, None])  # (batch, query, key)
    lowest = torch.finfo(model.dtype).min
    mask = torch.zeros(seen.shape, dtype=model.dtype).masked_fill(~seen, lowest)[:, None]
    ids = torch.tensor(micro["ids"]).view(BATCH, CONTEXT)
    positions = torch.tensor(micro["positions"]).view(BATCH, CONTEXT)
    return model(input_ids=ids, position_ids=positions, attention_mask=mask).logits


def check_documents_alone(model, micro):
    """The mask and the positions make of each document what the model makes of it alone."""
    packed = logits_of(model, micro).flatten(0, 1)
    firsts = sorted(set(micro["starts"]))
    for first, end in zip(firsts, firsts[1:] + [BATCH * CONTEXT]):
        alone = model(input_ids=torch.tensor([micro["ids"][first:end]])).logits[0]
        torch.testing.assert_close(packed[first:end], alone, rtol=1e-4, atol=1e-5)


def train(model, batches):
    """Trains the model in place; returns one record (learning rate, loss, gradient norm, label count) per step."""
    decayed = set(decayed_names(model))
    groups = [
        {"params": [p for n, p in model.named_parameters() if n in decayed], "weight_decay": WEIGHT_DECAY},
        {"params": [p for n, p in model.named_parameters() if n not in decayed], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=0.0, betas=BETAS, eps=EPSILON, foreach=False)
    records = []
    for step, micro_batches in enumerate(batches):
        count = sum(label != IGNORED for micro in micro_batches for label in micro["labels"])
        loss = 0.0
        for micro in micro_batches:
            logits, labels = logits_of(model, micro).flatten(0, 1), torch.tensor(micro["labels"])
            share = F.cross_entropy(logits, labels, ignore_index=IGNORED, reduction="sum") / count
            share.backward()
            loss += share.item()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP).item()
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        records.append({"learning_rate": learning_rate(step), "labels": count, "loss": loss, "gradient_norm": norm})
    return records


def write(folder, name, model, seed):
    folder = folder / name
    disturb_vectors(model)
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)

    text = PackedText(seed, VOCABULARY, BATCH, CONTEXT)
    batches = [text.step(i) for i in range(STEPS)]
    plain_ids = PackedText(seed + 1, VOCABULARY, 1, CONTEXT - 5).micro_batch(packed=False)["ids"]
    with torch.no_grad():
        check_documents_alone(model, batches[0][0])
        plain = model(input_ids=torch.tensor([plain_ids])).logits
        save_file({"packed": logits_of(model, batches[0][0]), "plain": plain}, folder / "logits.safetensors")

    exact = copy.deepcopy(model).double()
    records, exact_records = train(model, batches), train(exact, batches)
    weights = dict(model.named_parameters())  # a tied head appears once
    save_file({n: p.detach() for n, p in weights.items()}, folder / "final.safetensors", metadata={"format": "pt"})

    steps = [dict(step=i + 1, **r, micro_batches=b) for i, (r, b) in enumerate(zip(records, batches))]
    write_steps(folder / "steps.json", steps, {
        "versions": f"torch {torch.__version__}, transformers {transformers.__version__}",
        "batch": BATCH, "context": CONTEXT, "vocabulary": VOCABULARY, "ignored_label": IGNORED, "plain_ids": plain_ids,
        "schedule": {"peak": PEAK, "floor": FLOOR, "warmup_steps": WARMUP, "steps": STEPS},
        "optimizer": {"beta1": BETAS[0], "beta2": BETAS[1], "epsilon": EPSILON, "weight_decay": WEIGHT_DECAY,
                      "clip_norm": CLIP},
        "decayed": decayed_names(model), "no_true_gradient": key_biases(model),
    })
    report(name, records, exact_records, weights, dict(exact.named_parameters()))


def write_steps(path, steps, header):
    """One line per entry of the header and per step."""
    lines = [f"{json.dumps(key)}: {json.dumps(value)},\n" for key, value in header.items()]
    path.write_text("{\n" + "".join(lines) + '"steps": [\n' + ",\n".join(map(json.dumps, steps)) + "\n]\n}\n")


def report(name, records, exact_records, weights, exact_weights):
    def distance(key):
        return max(abs(r[key] - e[key]) / e[key] for r, e in zip(records, exact_records))

    far = {n: float((w.double() - exact_weights[n]).detach().abs().max()) for n, w in weights.items()}
    worst = sorted(far, key=far.get, reverse=True)[:6]
    print(f"{name}: loss", " ".join(f"{r['loss']:.3f}" for r in records))
    print(f"{name}: gradient norm", " ".join(f"{r['gradient_norm']:.2f}" for r in records))
    print(f"{name}: float32 from float64: loss {distance('loss'):.1e}, norm {distance('gradient_norm'):.1e} (relative)")
    print(f"{name}: float32 from float64: final weights", ", ".join(f"{far[n]:.1e} {n}" for n in worst))


def main():
    default = pathlib.Path(__file__).parent.parent / "src/test/resources/golden"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=pathlib.Path, default=default)
    folder = parser.parse_args().folder
    torch.set_num_threads(1)
    for seed, (name, build) in enumerate({"gpt2": gpt2, "llama": llama}.items(), start=20):
        torch.manual_seed(seed)
        write(folder, name, build(), seed * 100)


if __name__ == "__main__":
    main()
