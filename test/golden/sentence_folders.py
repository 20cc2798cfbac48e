r"""Writes golden/sentence: small folders of sentence-transformers, and the embeddings that it makes by them.

    python sentence_folders.py ../src/test/resources/golden/sentence \
        ../../models/src/test/resources/dev/culebra/models/sentence_keys.json

`bert` and `gpt2` are folders as SentenceTransformer.save_pretrained writes them, of random weights. `cases.json` holds, for
each case, a folder, the files that replace or join those of the folder, and embeddings. The second file lists the keys
that sentence-transformers writes into each kind of file, or has written (config_key_renames, deprecated arguments).
"""

import json
import pathlib
import shutil
import sys
import tempfile

import torch
import transformers
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Normalize, Transformer
from sentence_transformers.sentence_transformer.modules import Pooling
from sentence_transformers.sentence_transformer.modules import pooling as pooling_module
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

TEXTS = ["a red whale", "Moby Dick", "the sea, the sea and again the sea beyond the far horizon", "ship"]
MODULES = [("Transformer", ""), ("Pooling", "1_Pooling"), ("Normalize", "2_Normalize")]


def letters(special):
    names = special + list("abcdefghijklmnopqrstuvwxyzMD:,") + ["##" + c for c in "abcdefghijklmnopqrstuvwxyz"]
    return {name: i for i, name in enumerate(names)}


def tokenizer(special, single, **names):
    ids = letters(special)
    made = Tokenizer(models.WordPiece(ids, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=False)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.TemplateProcessing(
        single=single, special_tokens=[(name, ids[name]) for name in special])
    return transformers.PreTrainedTokenizerFast(tokenizer_object=made, model_max_length=24, **names), len(ids)


def bert(folder):
    words, count = tokenizer(["[PAD]", "[UNK]", "[CLS]", "[SEP]"], "[CLS] $A [SEP]", pad_token="[PAD]",
                             unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]")
    model = transformers.BertModel(transformers.BertConfig(
        vocab_size=count, hidden_size=12, num_hidden_layers=2, num_attention_heads=2, intermediate_size=20,
        max_position_embeddings=32, initializer_range=0.3))
    save(folder, words, model, Pooling(12, "mean"), Normalize())


def gpt2(folder):
    words, count = tokenizer(["[PAD]", "[UNK]", "[END]"], "$A [END]", pad_token="[PAD]", unk_token="[UNK]",
                             eos_token="[END]")
    model = transformers.GPT2Model(transformers.GPT2Config(
        vocab_size=count, n_embd=12, n_layer=2, n_head=2, n_positions=32, bos_token_id=2, eos_token_id=2,
        initializer_range=0.3))
    save(folder, words, model, Pooling(12, "lasttoken"))


def save(folder, words, model, *modules):
    with tempfile.TemporaryDirectory() as base:
        words.save_pretrained(base)
        model.save_pretrained(base)
        whole = SentenceTransformer(modules=[Transformer(base), *modules], device="cpu")
        whole.save_pretrained(str(folder), create_model_card=False)
    (folder / "README.md").unlink(missing_ok=True)


def listed(*types, package="sentence_transformers.models."):
    paths = dict(MODULES)
    return [{"idx": i, "name": str(i), "path": paths[kind], "type": package + kind} for i, kind in enumerate(types)]


def old_pooling(**flags):
    names = pooling_module._LEGACY_POOLING_MODE_KWARGS
    return {"word_embedding_dimension": 12} | {name: flags.get(mode, False) for name, mode in names.items()}


def pooling(mode):
    return {"embedding_dimension": 12, "pooling_mode": mode, "include_prompt": True}


def whole(**given):
    return {"__version__": {"sentence_transformers": "3.0.0"}, "prompts": {}, "default_prompt_name": None,
            "similarity_fn_name": "cosine"} | given


PLAIN = listed("Transformer", "Pooling")
CASES = {
    "as saved": ("bert", "encode", {}),
    "cls": ("bert", "encode", {"1_Pooling/config.json": pooling("cls")}),
    "last token": ("bert", "encode", {"1_Pooling/config.json": pooling(["lasttoken"])}),
    "root of the length, normalised": ("bert", "encode", {"1_Pooling/config.json": pooling("mean_sqrt_len_tokens")}),
    "not normalised": ("bert", "encode", {"modules.json": PLAIN}),
    "old keys": ("bert", "encode", {
        "modules.json": PLAIN, "1_Pooling/config.json": old_pooling(mean=True),
        "sentence_bert_config.json": {"max_seq_length": 9, "do_lower_case": False}}),
    "old keys, cls": ("bert", "encode", {"modules.json": PLAIN, "1_Pooling/config.json": old_pooling(cls=True)}),
    "old keys, none": ("bert", "encode", {"modules.json": PLAIN, "1_Pooling/config.json": old_pooling()}),
    "lower case": ("bert", "encode", {"sentence_bert_config.json": {"max_seq_length": 20, "do_lower_case": True}}),
    "usual prompt": ("bert", "encode", {"config_sentence_transformers.json": whole(
        prompts={"query": "find: ", "say": "say: "}, default_prompt_name="say")}),
    "prompt of queries": ("bert", "encode_query", {"config_sentence_transformers.json": whole(
        prompts={"query": "find: ", "passage": "text: "})}),
    "prompt of documents": ("bert", "encode_document", {"config_sentence_transformers.json": whole(
        prompts={"query": "find: ", "passage": "text: "})}),
    "decoder": ("gpt2", "encode", {}),
    "decoder, mean, normalised": ("gpt2", "encode", {
        "modules.json": listed("Transformer", "Pooling", "Normalize"), "1_Pooling/config.json": pooling("mean")}),
}


def embeddings(base, how, files):
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place) / "folder"
        shutil.copytree(base, folder)
        for name, content in files.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(json.dumps(content))
        model = SentenceTransformer(str(folder), device="cpu")
        # one by one: with absolute positions, GPT-2 must not be padded on the left
        return [[round(float(v), 8) for v in getattr(model, how)([text])[0]] for text in TEXTS]


def keys(folder):
    saved = {
        "modules.json": sorted({key for module in json.loads((folder / "modules.json").read_text()) for key in module}
                               | {"kwargs"}),
        "config_sentence_transformers.json": sorted(json.loads(
            (folder / "config_sentence_transformers.json").read_text())),
        "sentence_bert_config.json": sorted({*Transformer.config_keys, "max_seq_length", "do_lower_case"}),
        "1_Pooling/config.json": sorted({*Pooling.config_keys, *Pooling.config_key_renames,
                                         *pooling_module._LEGACY_POOLING_MODE_KWARGS}),
        "2_Normalize/config.json": sorted(Normalize.config_keys),
    }
    for name in ["sentence_bert_config.json", "1_Pooling/config.json", "2_Normalize/config.json"]:
        missing = set(json.loads((folder / name).read_text())) - set(saved[name])
        assert not missing, (name, missing)
    return saved


def main():
    torch.manual_seed(1)
    out = pathlib.Path(sys.argv[1])
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    bert(out / "bert")
    gpt2(out / "gpt2")
    cases = [{"name": name, "folder": base, "how": how, "files": files,
              "embeddings": embeddings(out / base, how, files)} for name, (base, how, files) in CASES.items()]
    (out / "cases.json").write_text(json.dumps({"texts": TEXTS, "cases": cases}, indent=1) + "\n")
    pathlib.Path(sys.argv[2]).write_text(json.dumps(keys(out / "bert"), indent=1) + "\n")


if __name__ == "__main__":
    main()
