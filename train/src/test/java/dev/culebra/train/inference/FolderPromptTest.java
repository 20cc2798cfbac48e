package dev.culebra.train.inference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.data.token.BpeTrainer;
import dev.culebra.data.token.Special;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.data.token.Tokenizer;
import dev.culebra.data.token.Tokenizers;
import dev.culebra.objectives.pairs.TextEncoding;
import dev.culebra.objectives.text.corruption.TextObjective;
import dev.culebra.runtime.io.Json;
import dev.culebra.train.setup.TextObjectiveConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A model reads the tokens that the files of its folder ask for. */
final class FolderPromptTest {

  private static final TextObjectiveConfig CAUSAL =
      new TextObjectiveConfig(TextObjective.CLM, "llama", "plain");

  @TempDir Path folder;

  private int open;
  private int close;
  private int other;

  /** A vocabulary with special tokens of names that nobody else has. */
  @BeforeEach
  void tokenizer() throws IOException {
    Path file = folder.resolve("tokenizer.json");
    BpeTrainer trainer = new BpeTrainer();
    trainer.add("The white whale sailed past, and the sea was calm.");
    try (var bare = trainer.train(280)) {
      bare.save(file);
    }
    Tokenizers.addSpecials(file, List.of("{{", "}}", "||", "{?}"), Set.of("{?}"));
    try (Tokenizer tokenizer = Tokenizers.load(file)) {
      open = tokenizer.id("{{").orElseThrow();
      close = tokenizer.id("}}").orElseThrow();
      other = tokenizer.id("||").orElseThrow();
    }
  }

  private void template(String... pieces) throws IOException {
    Path file = folder.resolve("tokenizer.json");
    ObjectNode root = (ObjectNode) Json.read(file);
    ObjectNode template = root.putObject("post_processor").put("type", "TemplateProcessing");
    ArrayNode single = template.putArray("single");
    ObjectNode specials = template.putObject("special_tokens");
    for (String piece : pieces) {
      if (piece.equals("$A")) {
        single.addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
      } else {
        single.addObject().putObject("SpecialToken").put("id", piece).put("type_id", 0);
        ObjectNode token = specials.putObject(piece).put("id", piece);
        token.putArray("ids").add(piece.equals("{{") ? open : close);
        token.putArray("tokens").add(piece);
      }
    }
    template.putArray("pair");
    Files.writeString(file, root.toString());
  }

  private void file(String name, String content) throws IOException {
    Files.writeString(folder.resolve(name), content.replace('\'', '"'));
  }

  private int[] begun(TextObjectiveConfig plan, String text) {
    try (Tokenizer tokenizer = Tokenizers.load(folder)) {
      return new PromptLayout(plan, tokenizer).lay(text).begun();
    }
  }

  private int[] ids(String text) {
    try (Tokenizer tokenizer = Tokenizers.load(folder)) {
      return tokenizer.encode(text);
    }
  }

  private static int[] joined(Object... parts) {
    return Arrays.stream(parts)
        .flatMapToInt(
            part -> part instanceof int[] many ? Arrays.stream(many) : IntStream.of((Integer) part))
        .toArray();
  }

  @Test
  void aPromptBeginsAsTheTokenizerSays() throws IOException {
    template("{{", "$A", "}}");
    int[] text = ids("The white whale");
    assertThat(begun(CAUSAL, "The white whale")).isEqualTo(joined(open, text));
    assertThat(begun(CAUSAL, "{{The white whale")).as("typed").isEqualTo(joined(open, text));
    assertThat(begun(CAUSAL, "")).containsExactly(open);
  }

  @Test
  void specialTokensAreReadWhereTheyAreTyped() {
    assertThat(begun(CAUSAL, "The||sea")).isEqualTo(joined(ids("The"), other, ids("sea")));
    assertThat(begun(CAUSAL, "[MASK]")).as("declared nowhere").isEqualTo(ids("[MASK]"));
    assertThat(ids("The||sea")).as("in a document").doesNotContain(other);
  }

  @Test
  void anEmptyPromptBeginsWithBos() throws IOException {
    file("config.json", "{'model_type': 'llama', 'bos_token_id': " + other + "}");
    assertThat(begun(CAUSAL, "")).containsExactly(other);
  }

  @Test
  void generationEndsWhereTheFilesSay() throws IOException {
    file("config.json", "{'model_type': 'gpt2', 'eos_token_id': " + close + "}");
    file("generation_config.json", "{'eos_token_id': [" + close + ", " + other + "]}");
    try (Tokenizer tokenizer = Tokenizers.load(folder)) {
      PromptLayout layout = new PromptLayout(CAUSAL, tokenizer);
      assertThat(List.of(close, other)).allMatch(layout::ends);
      assertThat(layout.ends(open)).isFalse();
      assertThat(tokenizer.endOfText()).isEqualTo(close);
    }
  }

  @Test
  void anEncoderReadsWhatTheTokenizerPutsAroundAText() throws IOException {
    template("{{", "$A", "}}");
    file("config.json", "{'model_type': 'bert', 'pad_token_id': " + other + "}");
    file("tokenizer_config.json", "{'mask_token': '{?}', 'cls_token': '{{', 'sep_token': '}}'}");
    try (Tokenizer tokenizer = Tokenizers.load(folder)) {
      int[] text = tokenizer.encode("The white whale");
      TextEncoding encoding = TextEncoding.plain(tokenizer, 40);
      assertThat(encoding.encode("The white whale").ids()).isEqualTo(joined(open, text, close));
      assertThat(encoding.typed("||").ids()).containsExactly(open, other, close);
      TextEncoding narrow = TextEncoding.plain(tokenizer, 4);
      assertThat(narrow.encode("The white whale").ids())
          .containsExactly(open, text[0], text[1], close);
      SpecialTokens specials = SpecialTokens.in(tokenizer, 0);
      assertThat(specials.id(Special.BEGIN)).isEqualTo(open);
      assertThat(specials.id(Special.END)).isEqualTo(close);
      assertThat(specials.id(Special.PAD)).isEqualTo(other);
      int mask = tokenizer.id("{?}").orElseThrow();
      assertThat(TypedText.masked(tokenizer, specials).encode("The [MASK] whale"))
          .isEqualTo(joined(tokenizer.encode("The"), mask, tokenizer.encode(" whale")));
      assertThat(TypedText.masked(tokenizer, specials).encode("The {?} whale"))
          .isEqualTo(joined(tokenizer.encode("The"), mask, tokenizer.encode(" whale")));
    }
  }

  @Test
  void aDecoderBesideAnEncoderStartsAsTheFilesSay() throws IOException {
    template("$A", "}}");
    String ids = "'decoder_start_token_id': " + other + ", 'eos_token_id': " + close;
    file("config.json", "{'model_type': 't5', 'pad_token_id': " + open + ", " + ids + "}");
    TextObjectiveConfig spans = new TextObjectiveConfig(TextObjective.SPAN_CORRUPTION, "t5", "t5");
    try (Tokenizer tokenizer = Tokenizers.load(folder)) {
      Prompt prompt = new PromptLayout(spans, tokenizer).lay("The white whale");
      assertThat(prompt.source()).isEqualTo(joined(tokenizer.encode("The white whale"), close));
      assertThat(prompt.begun()).containsExactly(other);
    }
    template("{{", "$A", "}}");
    file(
        "config.json",
        "{'model_type': 'bart', 'pad_token_id': 0, 'forced_bos_token_id': "
            + open
            + ","
            + ids
            + "}");
    TextObjectiveConfig noise = new TextObjectiveConfig(TextObjective.DENOISING, "bart", "fairseq");
    try (Tokenizer tokenizer = Tokenizers.load(folder)) {
      Prompt prompt = new PromptLayout(noise, tokenizer).lay("The white whale");
      assertThat(prompt.source())
          .isEqualTo(joined(open, tokenizer.encode("The white whale"), close));
      assertThat(prompt.begun()).containsExactly(other, open);
      Prompt pair =
          new PromptLayout(new TextObjectiveConfig(TextObjective.SEQ2SEQ, "bart", "t5"), tokenizer)
              .lay("The white whale");
      assertThat(pair.source()).isEqualTo(prompt.source());
      assertThat(pair.begun()).containsExactly(other, open);
    }
  }
}
