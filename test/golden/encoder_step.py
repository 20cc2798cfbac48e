"""Writes the goldens of encoders: what PyTorch does in 10 AdamW steps to a small BERT, T5 (version 1.1 and 1.0) and
BART (tied and not).

    python encoder_step.py [FOLDER]     (default: ../src/test/resources/golden)

For each model, FOLDER/NAME holds

  config.json, model.safetensors   the initial model, as transformers' save_pretrained writes it
  steps.json                       hyper-parameters, the samples (a list of sequences each; no padding, so a reader may
                                   pack them), and for every step its loss and global gradient norm before clipping

Everything is float32 on one CPU thread. All steps see the same samples. A step's loss is the mean over all labelled
tokens, plus, for BERT, the mean over all samples of the loss of the second head.
"""

import argparse
import json
import pathlib
import random

import torch
import transformers
from torch.nn import functional as F

IGNORED = -100
VOCABULARY, LONGEST, STEPS, SAMPLES = 173, 20, 10, 5
RATE, BETAS, EPSILON, WEIGHT_DECAY, CLIP = 2e-3, (0.9, 0.95), 1e-8, 0.1, 1.0


def bert():
    return transformers.BertForPreTraining(transformers.BertConfig(
        vocab_size=VOCABULARY, hidden_size=36, num_hidden_layers=3, num_attention_heads=3, intermediate_size=72,
        max_position_embeddings=LONGEST, hidden_act="gelu", hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
        initializer_range=0.1))


def t5():
    model = transformers.T5ForConditionalGeneration(transformers.T5Config(
        vocab_size=VOCABULARY, d_model=32, d_kv=12, d_ff=56, num_layers=3, num_decoder_layers=2, num_heads=3,
        relative_attention_num_buckets=8, relative_attention_max_distance=10, feed_forward_proj="gated-gelu",
        dropout_rate=0.0, tie_word_embeddings=False, initializer_factor=0.5, decoder_start_token_id=0))
    model.lm_head.weight = torch.nn.Parameter(0.2 * torch.randn(VOCABULARY, 32))  # of its own, as version 1.1 has it
    return model


def bart():
    return transformers.BartForConditionalGeneration(transformers.BartConfig(
        vocab_size=VOCABULARY, d_model=36, encoder_layers=2, decoder_layers=3, encoder_attention_heads=3,
        decoder_attention_heads=3, encoder_ffn_dim=72, decoder_ffn_dim=72, max_position_embeddings=LONGEST,
        activation_function="gelu", dropout=0.0, attention_dropout=0.0, activation_dropout=0.0, init_std=0.1))


def t5_first():
    """Version 1.0: ReLU, and an output matrix that is the embedding, behind a scale."""
    return transformers.T5ForConditionalGeneration(transformers.T5Config(
        vocab_size=VOCABULARY, d_model=16, d_kv=6, d_ff=24, num_layers=2, num_heads=2, relative_attention_num_buckets=8,
        relative_attention_max_distance=10, feed_forward_proj="relu", dropout_rate=0.0, decoder_start_token_id=0))


def bart_untied():
    return transformers.BartForConditionalGeneration(transformers.BartConfig(
        vocab_size=VOCABULARY, d_model=16, encoder_layers=1, decoder_layers=2, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=24, decoder_ffn_dim=24, max_position_embeddings=LONGEST,
        tie_word_embeddings=False, dropout=0.0, attention_dropout=0.0, activation_dropout=0.0, init_std=0.1))


def samples(seed, encoder_only):
    draw = random.Random(seed)
    made = []
    for _ in range(SAMPLES):
        length = draw.randint(5, LONGEST)
        ids = [draw.randrange(5, VOCABULARY) for _ in range(length)]
        if encoder_only:
            cut = draw.randint(1, length - 1)
            types = [0] * cut + [1] * (length - cut)
            labels = [draw.randrange(5, VOCABULARY) if draw.random() < 0.3 else IGNORED for _ in ids]
            made.append({"ids": ids, "types": types, "labels": labels, "answer": draw.randint(0, 1)})
        else:
            target = [draw.randrange(5, VOCABULARY) for _ in range(draw.randint(2, LONGEST - 1))]
            made.append({"ids": ids, "decoder_ids": [0] + target[:-1], "labels": target})
    return made


def loss_of(model, made):
    """Mean loss over all labels."""
    tokens, targets, pairs, answers = [], [], [], []
    for sample in made:
        ids = torch.tensor([sample["ids"]])
        labels = torch.tensor(sample["labels"])
        if "types" in sample:
            out = model(input_ids=ids, token_type_ids=torch.tensor([sample["types"]]))
            logits = out.prediction_logits[0]
            pairs.append(out.seq_relationship_logits)
            answers.append(sample["answer"])
        else:
            logits = model(input_ids=ids, decoder_input_ids=torch.tensor([sample["decoder_ids"]]), use_cache=False).logits[0]
        tokens.append(logits[labels != IGNORED])
        targets.append(labels[labels != IGNORED])
    loss = F.cross_entropy(torch.cat(tokens), torch.cat(targets))
    if pairs:
        loss = loss + F.cross_entropy(torch.cat(pairs), torch.tensor(answers))
    return loss


def train(model, made):
    embeddings = {id(m.weight) for m in model.modules() if isinstance(m, torch.nn.Embedding)}
    hidden = [p for p in model.parameters() if p.dim() == 2 and id(p) not in embeddings]
    others = [p for p in model.parameters() if not (p.dim() == 2 and id(p) not in embeddings)]
    optimizer = torch.optim.AdamW(
        [{"params": hidden, "weight_decay": WEIGHT_DECAY}, {"params": others, "weight_decay": 0.0}],
        lr=RATE, betas=BETAS, eps=EPSILON, foreach=False)
    records = []
    for _ in range(STEPS):
        loss = loss_of(model, made)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        records.append({"loss": loss.item(), "gradient_norm": norm.item()})
    return records


def write(folder, model, seed):
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 1:
                parameter.add_(0.1 * torch.randn_like(parameter))
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    made = samples(seed, isinstance(model, transformers.BertForPreTraining))
    records = train(model, made)
    options = {"learning_rate": RATE, "beta1": BETAS[0], "beta2": BETAS[1], "epsilon": EPSILON,
               "weight_decay": WEIGHT_DECAY, "clip_norm": CLIP}
    text = json.dumps({"optimizer": options, "samples": made, "steps": records})
    (folder / "steps.json").write_text(text.replace('{"ids"', '\n{"ids"').replace('{"loss"', '\n{"loss"') + "\n")
    print(folder.name, [round(r["loss"], 4) for r in records])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    here = pathlib.Path(__file__).resolve().parent
    parser.add_argument("folder", nargs="?", type=pathlib.Path, default=here / "../src/test/resources/golden")
    folder = parser.parse_args().folder
    torch.set_num_threads(1)
    for seed, make in enumerate([bert, t5, bart, t5_first, bart_untied], start=71):
        torch.manual_seed(seed)
        write(folder / make.__name__.replace("_", "-"), make(), seed)


if __name__ == "__main__":
    main()
