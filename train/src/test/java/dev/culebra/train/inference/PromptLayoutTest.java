package dev.culebra.train.inference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.data.token.BpeTrainer;
import dev.culebra.data.token.Special;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.data.token.Text;
import dev.culebra.data.token.TextMarks;
import dev.culebra.data.token.Tokenizer;
import dev.culebra.data.token.Tokenizers;
import dev.culebra.models.nn.TokenModel.Architecture;
import dev.culebra.objectives.text.corruption.Example;
import dev.culebra.objectives.text.corruption.Sequence;
import dev.culebra.objectives.text.corruption.SourceTarget;
import dev.culebra.objectives.text.corruption.TextObjective;
import dev.culebra.runtime.io.Json;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.setup.ModelFactory;
import dev.culebra.train.setup.TextObjectiveConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.node.ObjectNode;

/** Prompts are framed as the samples are that a model was trained on. */
final class PromptLayoutTest {

  private static final String TEXT =
      "The white whale sailed past. An old ship saw it, and the sea was calm. Nobody spoke.";

  private static Tokenizer tokenizer;
  private static Tokenizer framing;
  private static SpecialTokens specials;

  @BeforeAll
  static void train(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("tokenizer.json");
    BpeTrainer trainer = new BpeTrainer();
    trainer.add(TEXT);
    try (var bare = trainer.train(300)) {
      bare.save(file);
      SpecialTokens added = SpecialTokens.in(bare, 100);
      Tokenizers.addSpecials(file, added.added(), added.hiding());
    }
    tokenizer = Tokenizers.load(file);
    specials = SpecialTokens.in(tokenizer, 100);
    framing = Tokenizers.load(framing(file));
  }

  /** The same with BART's template. */
  private static Path framing(Path file) throws IOException {
    ObjectNode root = (ObjectNode) Json.read(file);
    ObjectNode template = root.putObject("post_processor").put("type", "RobertaProcessing");
    int end = specials.id(Special.END);
    int begin = specials.id(Special.BEGIN);
    template.putArray("sep").add(tokenizer.token(end)).add(end);
    template.putArray("cls").add(tokenizer.token(begin)).add(begin);
    template.put("trim_offsets", false).put("add_prefix_space", false);
    Path framing = file.resolveSibling("framing").resolve("tokenizer.json");
    Files.createDirectories(framing.getParent());
    Files.writeString(framing, root.toString());
    return framing;
  }

  @AfterAll
  static void close() {
    framing.close();
    tokenizer.close();
  }

  /** Every profile that a family's samples can have. */
  static List<TextObjectiveConfig> plans() {
    return Stream.of(
            TextObjective.PREFIX_LM,
            TextObjective.SPAN_CORRUPTION,
            TextObjective.DENOISING,
            TextObjective.UL2)
        .flatMap(
            objective ->
                TextObjectiveConfig.families(objective).stream()
                    .flatMap(
                        family ->
                            objective.profiles().stream()
                                .filter(profile -> lays(objective, profile, family))
                                .map(
                                    profile ->
                                        new TextObjectiveConfig(objective, family, profile))))
        .toList();
  }

  private static boolean lays(TextObjective objective, String profile, String family) {
    boolean decoder = ModelFactory.architecture(family) == Architecture.DECODER;
    var layouts = objective.layouts(profile);
    return layouts.isEmpty()
        || layouts.stream().anyMatch(layout -> layout.name().equals("DECODER") == decoder);
  }

  @ParameterizedTest
  @MethodSource("plans")
  void isFramedAsSamplesAre(TextObjectiveConfig plan) {
    isFramedAsSamplesAre(plan, tokenizer, specials);
    isFramedAsSamplesAre(plan, framing, SpecialTokens.in(framing, 100));
  }

  private static void isFramedAsSamplesAre(
      TextObjectiveConfig plan, Tokenizer tokenizer, SpecialTokens specials) {
    Recipe recipe = Recipe.named(plan.objective().key());
    Example sample =
        plan.corruption(recipe, specials)
            .sample(TextMarks.of(tokenizer).text(tokenizer.encode(TEXT)), 3, 0, 0);
    Prompt prompt = new PromptLayout(plan, tokenizer).lay("The white whale");
    if (plan.architecture() == Architecture.DECODER) {
      assertThat(isFrame(prompt.begun()[0])).isEqualTo(isFrame(sample.decoder().id(0)));
      return;
    }
    int[] source = sample.encoder().ids();
    assertThat(isFrame(prompt.source()[0])).as("begins").isEqualTo(isFrame(source[0]));
    int last = prompt.source()[prompt.source().length - 1];
    assertThat(isFrame(last)).as("ends").isEqualTo(isFrame(source[source.length - 1]));
    int[] begun = prompt.begun();
    if (plan.objective() == TextObjective.UL2) { // then the sentinel that is to be written
      begun = Arrays.copyOf(begun, begun.length - 1);
    }
    assertThat(Arrays.copyOf(sample.decoder().ids(), begun.length)).isEqualTo(begun);
    assertThat(IntStream.range(0, sample.decoder().length()).map(sample.decoder()::label))
        .as("something is asked")
        .anyMatch(label -> label != Sequence.IGNORE);
  }

  /** What BART's tokenizer puts around a text stands around both sides of a pair. */
  @Test
  void pairsAreFramedAsTheTokenizerSays() {
    SpecialTokens framed = SpecialTokens.in(framing, 0);
    int begin = framed.id(Special.BEGIN);
    int end = framed.id(Special.END);
    int pad = framed.id(Special.PAD);
    int[] source = framing.encode("The white whale");
    int[] target = framing.encode("Nobody spoke.");
    Example sample =
        new SourceTarget(
                framed, dev.culebra.objectives.text.corruption.SampleLayout.ENCODER_DECODER)
            .example(Text.of(source), Text.of(target));
    assertThat(sample.encoder().ids()).isEqualTo(around(begin, source, end));
    assertThat(sample.decoder().ids()).startsWith(pad, begin, target[0]);
    assertThat(sample.decoder().label(0)).isEqualTo(begin);
    assertThat(sample.decoder().label(target.length + 1)).isEqualTo(end);

    TextObjectiveConfig plan = new TextObjectiveConfig(TextObjective.SEQ2SEQ, "bart", "t5");
    Prompt prompt = new PromptLayout(plan, framing).lay("The white whale");
    assertThat(prompt.source()).isEqualTo(sample.encoder().ids());
    assertThat(prompt.begun()).containsExactly(pad, begin);
  }

  private static int[] around(int begin, int[] ids, int end) {
    return IntStream.concat(
            IntStream.concat(IntStream.of(begin), IntStream.of(ids)), IntStream.of(end))
        .toArray();
  }

  /** Whether a token begins or ends a text, or starts a decoder. */
  private static boolean isFrame(int id) {
    return Stream.of(Special.BEGIN, Special.END, Special.PAD)
        .anyMatch(special -> specials.id(special) == id);
  }
}
