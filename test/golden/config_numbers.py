"""Writes the goldens of configurations: small random models whose config.json says something unusual, and what they answer.

    python config_numbers.py [FOLDER]     (default: ../src/test/resources/golden/config)

For each case, FOLDER/CASE holds

  config.json, model.safetensors   as transformers' save_pretrained writes them, weights in bfloat16; an ELECTRA's generator
                                   lies in generator/
  answer.json                      "ids" (and "decoder_ids"), and what the model says of them: "logits" of the last row, or
                                   "embedding" of a text

Everything is computed in float32 from these weights.
"""

import argparse
import copy
import json
import pathlib
import random

import torch
import transformers as t

VOCABULARY = 23
NO_DROPOUT = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}


def draw(seed, count, low=3):
    chance = random.Random(seed)
    return [chance.randrange(low, VOCABULARY) for _ in range(count)]


def rough(model, spread=0.4):
    """Random weights of any size, so that every part of the model counts."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_((parameter + spread * torch.randn_like(parameter)).bfloat16().float())
    return model.eval()


def save(model, folder):
    copy.deepcopy(model).to(torch.bfloat16).save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)


def values(tensor):
    return [round(x, 6) for x in tensor.tolist()]


def encoder_decoder(model, folder, source, target):
    rough(model)
    save(model, folder)
    logits = model(input_ids=torch.tensor([source]), decoder_input_ids=torch.tensor([target]), use_cache=False).logits[0, -1]
    return {"ids": source, "decoder_ids": target, "logits": values(logits)}


def t5_buckets(folder):
    """Twelve buckets of distances up to 40: neither number divides the other. The file has no output matrix."""
    config = t.T5Config(
        vocab_size=VOCABULARY, d_model=8, d_kv=4, d_ff=12, num_layers=1, num_heads=2, relative_attention_num_buckets=12,
        relative_attention_max_distance=40, feed_forward_proj="gated-gelu", tie_word_embeddings=False)
    return encoder_decoder(t.T5ForConditionalGeneration(config), folder, draw(1, 70), [0] + draw(2, 60))


def t5_odd_buckets(folder):
    """Seven buckets, an odd number on either side, and an output matrix of its own."""
    config = t.T5Config(
        vocab_size=VOCABULARY, d_model=8, d_kv=4, d_ff=12, num_layers=1, num_heads=2, relative_attention_num_buckets=7,
        relative_attention_max_distance=33, feed_forward_proj="gated-gelu", tie_word_embeddings=False)
    model = t.T5ForConditionalGeneration(config)
    model.lm_head.weight = torch.nn.Parameter(torch.zeros(VOCABULARY, 8))
    return encoder_decoder(model, folder, draw(3, 50), [0] + draw(4, 50))


def bart_uneven(folder):
    config = t.BartConfig(
        vocab_size=VOCABULARY, d_model=8, encoder_layers=2, decoder_layers=1, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=12, decoder_ffn_dim=12, max_position_embeddings=16,
        activation_function="relu")
    return encoder_decoder(t.BartForConditionalGeneration(config), folder, draw(5, 9), [2] + draw(6, 7))


def t5_first(folder):
    """T5 1.0: ReLU, not gated, and an output matrix that is the embedding, behind a scale."""
    config = t.T5Config(
        vocab_size=VOCABULARY, d_model=8, d_kv=4, d_ff=12, num_layers=2, num_heads=2, relative_attention_num_buckets=8,
        relative_attention_max_distance=20, feed_forward_proj="relu")
    return encoder_decoder(t.T5ForConditionalGeneration(config), folder, draw(11, 30), [0] + draw(12, 20))


def t5_silu(folder):
    """Another gate than GELU, without the scale."""
    config = t.T5Config(
        vocab_size=VOCABULARY, d_model=8, d_kv=4, d_ff=12, num_layers=1, num_heads=2, relative_attention_num_buckets=8,
        relative_attention_max_distance=20, feed_forward_proj="gated-silu", tie_word_embeddings=False)
    return encoder_decoder(t.T5ForConditionalGeneration(config), folder, draw(13, 9), [0] + draw(14, 8))


def bart_untied(folder):
    """An embedding for either side, an output matrix, and a shared embedding that nothing reads."""
    config = t.BartConfig(
        vocab_size=VOCABULARY, d_model=8, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=12, decoder_ffn_dim=12, max_position_embeddings=16,
        tie_word_embeddings=False)
    return encoder_decoder(t.BartForConditionalGeneration(config), folder, draw(15, 9), [2] + draw(16, 7))


def electra(folder, embedding, width, generator_width, act):
    shared = dict(vocab_size=VOCABULARY, embedding_size=embedding, num_hidden_layers=1, num_attention_heads=2,
                  intermediate_size=12, max_position_embeddings=16, hidden_act=act, layer_norm_eps=1e-3, **NO_DROPOUT)
    large = rough(t.ElectraForPreTraining(t.ElectraConfig(hidden_size=width, **shared)))
    small = rough(t.ElectraForMaskedLM(t.ElectraConfig(hidden_size=generator_width, **shared)))
    for name in ["word_embeddings", "position_embeddings", "token_type_embeddings"]:
        getattr(small.electra.embeddings, name).weight = getattr(large.electra.embeddings, name).weight
    small.tie_weights()
    save(large, folder)
    save(small, folder / "generator")
    ids = draw(7, 11)
    return {"ids": ids, "logits": values(small(torch.tensor([ids])).logits[0, -1]),
            "replaced": values(large(torch.tensor([ids])).logits[0])}


def electra_relu(folder):
    """The generator's head has GELU whatever hidden_act says; the discriminator's has hidden_act."""
    return electra(folder, 16, 16, 8, "relu")


def electra_narrow(folder):
    """Embeddings narrower than the discriminator, and as wide as the generator: the one projects, the other does not."""
    return electra(folder, 8, 16, 8, "gelu")


def electra_wide(folder):
    """Embeddings as wide as neither."""
    return electra(folder, 12, 16, 8, "silu")


def bert_relu(folder):
    model = rough(t.BertForMaskedLM(t.BertConfig(
        vocab_size=VOCABULARY, hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=12,
        max_position_embeddings=16, hidden_act="relu", layer_norm_eps=1e-3, **NO_DROPOUT)))
    save(model, folder)
    ids = draw(8, 11)
    return {"ids": ids, "logits": values(model(torch.tensor([ids])).logits[0, -1])}


def decoder(model, folder, spread=0.4):
    rough(model, spread)
    save(model, folder)
    ids = draw(9, 14)
    return {"ids": ids, "logits": values(model(torch.tensor([ids])).logits[0, -1])}


def llama_theta(folder):
    """Another base of the angles, fewer key heads, another epsilon, a tied head."""
    return decoder(t.LlamaForCausalLM(t.LlamaConfig(
        vocab_size=VOCABULARY, hidden_size=16, intermediate_size=20, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=16, rms_norm_eps=1e-2, tie_word_embeddings=True,
        rope_parameters={"rope_type": "default", "rope_theta": 37.0})), folder)


def llama_scaled(folder, **rope):
    return decoder(t.LlamaForCausalLM(t.LlamaConfig(
        vocab_size=VOCABULARY, hidden_size=32, intermediate_size=20, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=1, max_position_embeddings=64, tie_word_embeddings=False,
        rope_parameters={"rope_theta": 50.0, **rope})), folder, spread=0.25)


def llama_linear(folder):
    """Slower angles."""
    return llama_scaled(folder, rope_type="linear", factor=4.0)


def llama_3(folder):
    """Some of a head's eight angles as they are, some between, some slower."""
    return llama_scaled(folder, rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                        original_max_position_embeddings=32)


def llama_old_3(folder):
    """The same as releases before 5 of transformers wrote it, without the length of pretraining."""
    answer = llama_scaled(folder, rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0)
    file = folder / "config.json"
    config = json.loads(file.read_text())
    rope = config.pop("rope_parameters")
    del rope["original_max_position_embeddings"]
    config["rope_theta"] = rope.pop("rope_theta")
    rope["type"] = rope.pop("rope_type")
    file.write_text(json.dumps({**config, "rope_scaling": rope}, indent=2) + "\n")
    return answer


def gpt2_inner(folder):
    """A feed-forward width that is not four times the model's, and another epsilon."""
    return decoder(t.GPT2LMHeadModel(t.GPT2Config(
        vocab_size=VOCABULARY, n_positions=16, n_embd=8, n_layer=2, n_head=2, n_inner=20, layer_norm_epsilon=1e-2,
        activation_function="gelu_fast", resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0)), folder)


def clip(folder, eos, ids):
    tower = dict(hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=12, hidden_act="gelu")
    model = rough(t.CLIPModel(t.CLIPConfig(
        projection_dim=6,
        text_config=dict(vocab_size=VOCABULARY, max_position_embeddings=16, eos_token_id=eos, bos_token_id=1, pad_token_id=0,
                         layer_norm_eps=1e-3, **tower),
        vision_config=dict(image_size=8, patch_size=4, num_channels=3, **tower))))
    save(model, folder)
    pooled = model.get_text_features(input_ids=torch.tensor([ids]))
    features = (pooled if torch.is_tensor(pooled) else pooled.pooler_output)[0]
    return {"ids": ids, "embedding": values(features / features.norm())}


def clip_inner_end(folder):
    """The text's token stands at its first eos, whatever follows."""
    return clip(folder, 20, [1, 5, 9, 20, 7, 22, 20])


def clip_no_end(folder):
    """Without an eos, transformers asks the first row."""
    return clip(folder, 20, [1, 5, 9, 7, 22])


def clip_old_end(folder):
    """eos_token_id 2 stands for the largest id of the text."""
    return clip(folder, 2, [1, 5, 2, 22, 9, 2])


CASES = [t5_buckets, t5_odd_buckets, bart_uneven, electra_relu, electra_narrow, electra_wide, bert_relu, llama_theta, gpt2_inner,
         clip_inner_end, clip_no_end, clip_old_end, t5_first, t5_silu, bart_untied, llama_linear, llama_3, llama_old_3]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    here = pathlib.Path(__file__).resolve().parent
    parser.add_argument("folder", nargs="?", type=pathlib.Path, default=here / "../src/test/resources/golden/config")
    folder = parser.parse_args().folder
    torch.set_num_threads(1)
    for seed, case in enumerate(CASES, start=31):
        torch.manual_seed(seed)
        place = folder / case.__name__.replace("_", "-")
        place.mkdir(parents=True, exist_ok=True)
        with torch.no_grad():
            answer = case(place)
        (place / "answer.json").write_text(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
