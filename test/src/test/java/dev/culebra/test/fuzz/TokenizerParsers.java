package dev.culebra.test.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.culebra.data.token.BpeTrainer;
import dev.culebra.data.token.Tokenizer;
import dev.culebra.data.token.Tokenizers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/** Everything that says what a tokenizer does. */
final class TokenizerParsers {
  private static final String FILE = "tokenizer.json";
  private static final List<String> TEXTS =
      List.of(
          "Call me  Ishmael.\n",
          "\u00dcn\u00ef 12 <s> </s> \ud83d\ude00 x\u0000",
          "<unk> [MASK]##a A");

  private static final String ADDED =
      """
      "version": "1.0", "truncation": null, "padding": null, "added_tokens": [
        {"id": 0, "content": "<unk>", "single_word": false, "lstrip": false, "rstrip": false,
         "normalized": false, "special": true},
        {"id": 1, "content": "<s>", "special": true},
        {"id": 2, "content": "</s>", "special": true},
        {"id": 12, "content": "whale", "single_word": true, "lstrip": true, "rstrip": true,
         "normalized": true, "special": false}],
      """;

  private static final String TEMPLATE =
      """
      "post_processor": {"type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}},
                   {"Sequence": {"id": "A", "type_id": 0}},
                   {"SpecialToken": {"id": "</s>", "type_id": 0}}],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]},
                           "</s>": {"id": "</s>", "ids": [2], "tokens": ["</s>"]}}},
      """;

  private static final String WORD_PIECE =
      "{"
          + ADDED
          + """
          "normalizer": {"type": "BertNormalizer", "clean_text": true,
            "handle_chinese_chars": true, "strip_accents": null, "lowercase": true},
          "pre_tokenizer": {"type": "BertPreTokenizer"},
          "post_processor": {"type": "BertProcessing", "sep": ["</s>", 2], "cls": ["<s>", 1]},
          "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
          "model": {"type": "WordPiece", "unk_token": "<unk>", "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100, "vocab": {"<unk>": 0, "<s>": 1, "</s>": 2, "call": 3,
            "me": 4, "i": 5, "##s": 6, "##h": 7, "##ma": 8, "##el": 9, ".": 10, "##n": 11}}}
          """;

  private static final String BPE =
      "{"
          + ADDED
          + """
          "normalizer": {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "_"},
            {"type": "Replace", "pattern": {"String": " "}, "content": "_"},
            {"type": "Replace", "pattern": {"Regex": "x+"}, "content": "x"}]},
          "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
            {"type": "Split", "pattern": {"Regex": "\\\\d"}, "behavior": "Isolated",
             "invert": false}, {"type": "Digits", "individual_digits": true}]},
          """
          + TEMPLATE
          + """
          "decoder": {"type": "Sequence", "decoders": [
            {"type": "Replace", "pattern": {"String": "_"}, "content": " "},
            {"type": "ByteFallback"}, {"type": "Fuse"},
            {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
          "model": {"type": "BPE", "dropout": null, "unk_token": "<unk>",
            "continuing_subword_prefix": null, "end_of_word_suffix": null, "fuse_unk": true,
            "byte_fallback": true, "ignore_merges": false,
            "vocab": {"<unk>": 0, "<s>": 1, "</s>": 2, "_": 3, "c": 4, "a": 5, "l": 6, "m": 7,
            "e": 8, "al": 9, "all": 10, "<0x0A>": 11},
            "merges": [["a", "l"], ["al", "l"]]}}
          """;

  private static final String UNIGRAM =
      "{"
          + ADDED
          + """
          "normalizer": {"type": "NFKC"},
          "pre_tokenizer": {"type": "Metaspace", "replacement": "_", "prepend_scheme": "always",
            "split": true},
          """
          + TEMPLATE
          + """
          "decoder": {"type": "Metaspace", "replacement": "_", "prepend_scheme": "always",
            "split": true},
          "model": {"type": "Unigram", "unk_id": 0, "byte_fallback": false, "vocab": [
            ["<unk>", 0.0], ["<s>", 0.0], ["</s>", 0.0], ["_", -2.5], ["c", -3.0], ["a", -3.5],
            ["l", -3.75], ["_m", -4.0], ["e", -4.25], ["al", -5.0], ["s", -5.5], ["h", -6]]}}
          """;

  private static final String WORD_LEVEL =
      "{"
          + ADDED
          + """
          "normalizer": {"type": "Lowercase"},
          "pre_tokenizer": {"type": "WhitespaceSplit"}, "post_processor": null, "decoder": null,
          "model": {"type": "WordLevel", "unk_token": "<unk>", "vocab": {"<unk>": 0, "<s>": 1,
            "</s>": 2, "call": 3, "me": 4, "ishmael.": 5, "12": 6, "a": 7, "b": 8, "c": 9,
            "d": 10, "e": 11}}}
          """;

  private static final String CONFIG =
      """
      {"added_tokens_decoder": {
         "0": {"content": "<unk>", "lstrip": false, "normalized": false, "rstrip": false,
               "single_word": false, "special": true},
         "2": {"content": "</s>", "lstrip": false, "normalized": false, "rstrip": false,
               "single_word": false, "special": true}},
       "additional_special_tokens": ["<s>"], "bos_token": "<s>", "eos_token": {"content": "</s>",
       "lstrip": false, "normalized": false, "rstrip": false, "single_word": false}, "pad_token":
       null, "unk_token": "<unk>", "add_bos_token": true, "add_eos_token": false,
       "clean_up_tokenization_spaces": false, "model_max_length": 1024, "tokenizer_class":
       "PreTrainedTokenizerFast", "chat_template": "{{ x }}", "split_special_tokens": false}
      """;

  private static final String NAMES =
      """
      {"bos_token": "<s>", "eos_token": {"content": "</s>", "lstrip": false, "normalized": false,
       "rstrip": false, "single_word": false}, "additional_special_tokens": ["<s>",
       {"content": "</s>"}], "unk_token": "<unk>"}
      """;

  private static final String GENERATION =
      """
      {"bos_token_id": 1, "eos_token_id": [2, 1], "pad_token_id": null, "do_sample": true,
       "temperature": 0.7, "top_k": 50, "top_p": 0.9, "max_length": 20, "max_new_tokens": 7,
       "decoder_start_token_id": 0, "transformers_version": "5.18.0"}
      """;

  private static final String MODEL =
      """
      {"model_type": "llama", "bos_token_id": 1, "eos_token_id": [2], "pad_token_id": null,
       "decoder_start_token_id": 0, "vocab_size": 13}
      """;

  private TokenizerParsers() {}

  static List<Parser> all() {
    List<Parser> all = new ArrayList<>();
    all.add(
        new Parser(
            "tokenizer-byte-level",
            Form.JSON,
            FILE,
            List.of(),
            folder -> {
              BpeTrainer trainer = new BpeTrainer();
              TEXTS.forEach(trainer::add);
              try (var trained = trainer.train(trainer.smallestVocabulary() + 12)) {
                trained.save(folder.resolve(FILE));
              }
            },
            TokenizerParsers::use,
            2));
    all.add(kind("tokenizer-bpe", BPE));
    all.add(kind("tokenizer-wordpiece", WORD_PIECE));
    all.add(kind("tokenizer-unigram", UNIGRAM));
    all.add(kind("tokenizer-charsmap", UNIGRAM.replace("\"NFKC\"", charsMap())));
    all.add(kind("tokenizer-wordlevel", WORD_LEVEL));
    all.add(beside("tokenizer-config", "tokenizer_config.json", CONFIG));
    all.add(beside("special-tokens-map", "special_tokens_map.json", NAMES));
    all.add(beside("added-tokens", "added_tokens.json", "{\"<s>\": 1, \"whale\": 12}"));
    all.add(beside("generation-config", "generation_config.json", GENERATION));
    all.add(beside("config-of-tokens", "config.json", MODEL));
    return all;
  }

  /** A normalizer of SentencePiece that turns A into a: a double array, and the texts. */
  private static String charsMap() {
    ByteBuffer table = ByteBuffer.allocate(4 + 4 * 512 + 2).order(ByteOrder.LITTLE_ENDIAN);
    table.putInt(0, 4 * 512);
    table.putInt(4 + 4 * 'A', ('A' ^ 256) << 10 | 1 << 8 | 'A');
    table.putInt(4 + 4 * 256, 1 << 31);
    table.put(4 + 4 * 512, (byte) 'a');
    String base64 = Base64.getEncoder().encodeToString(table.array());
    return "\"Precompiled\", \"precompiled_charsmap\": \"" + base64 + "\"";
  }

  private static Parser kind(String name, String json) {
    return new Parser(
        name,
        Form.JSON,
        FILE,
        List.of(),
        folder -> Files.writeString(folder.resolve(FILE), json),
        TokenizerParsers::use,
        1);
  }

  /** A file beside a tokenizer's own. */
  private static Parser beside(String name, String file, String json) {
    return new Parser(
        name,
        Form.JSON,
        file,
        List.of("{}".getBytes(UTF_8)),
        folder -> {
          Files.writeString(folder.resolve(FILE), WORD_LEVEL);
          Files.writeString(folder.resolve(file), json);
        },
        TokenizerParsers::use,
        1);
  }

  /** A tokenizer of 13 words, and how a model with it writes. */
  static void writing(Path folder) throws IOException {
    Files.writeString(folder.resolve(FILE), WORD_LEVEL);
    Files.writeString(folder.resolve("generation_config.json"), GENERATION);
  }

  private static void use(Path folder) throws IOException {
    try (Tokenizer tokenizer = Tokenizers.load(folder)) {
      for (String text : TEXTS) {
        tokenizer.decode(tokenizer.encode(text));
        tokenizer.decode(tokenizer.encodePrompt(text));
      }
      int ids = tokenizer.vocabularySize();
      int[] some = {0, ids - 1, ids / 2};
      Arrays.stream(some).forEach(tokenizer::token);
      tokenizer.decode(some);
      tokenizer.endOfText();
    }
  }
}
