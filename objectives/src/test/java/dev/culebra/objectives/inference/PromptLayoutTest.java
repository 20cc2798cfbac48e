package dev.culebra.objectives.inference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.objectives.architecture.TokenModel.Arrangement;
import dev.culebra.objectives.corruption.Example;
import dev.culebra.objectives.corruption.Sequence;
import dev.culebra.objectives.corruption.Special;
import dev.culebra.objectives.corruption.SpecialTokens;
import dev.culebra.objectives.corruption.TextMarks;
import dev.culebra.objectives.corruption.TextObjective;
import dev.culebra.objectives.recipe.Recipe;
import dev.culebra.objectives.task.ModelPlan;
import dev.culebra.objectives.task.TextPlan;
import dev.culebra.objectives.token.BpeTrainer;
import dev.culebra.objectives.token.Tokenizer;
import dev.culebra.objectives.token.Tokenizers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Prompts are framed as the samples are that a model was trained on. */
final class PromptLayoutTest {

  private static final String TEXT =
      "The white whale sailed past. An old ship saw it, and the sea was calm. Nobody spoke.";

  private static Tokenizer tokenizer;
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
  }

  @AfterAll
  static void close() {
    tokenizer.close();
  }

  /** Every profile that a family's samples can have. */
  static List<TextPlan> plans() {
    return Stream.of(
            TextObjective.PREFIX_LM,
            TextObjective.SPAN_CORRUPTION,
            TextObjective.DENOISING,
            TextObjective.UL2)
        .flatMap(
            objective ->
                TextPlan.families(objective).stream()
                    .flatMap(
                        family ->
                            objective.profiles().stream()
                                .filter(profile -> lays(objective, profile, family))
                                .map(profile -> new TextPlan(objective, family, profile))))
        .toList();
  }

  private static boolean lays(TextObjective objective, String profile, String family) {
    boolean decoder = ModelPlan.arrangement(family) == Arrangement.DECODER;
    var layouts = objective.layouts(profile);
    return layouts.isEmpty()
        || layouts.stream().anyMatch(layout -> layout.name().equals("DECODER") == decoder);
  }

  @ParameterizedTest
  @MethodSource("plans")
  void isFramedAsSamplesAre(TextPlan plan) {
    Recipe recipe = Recipe.named(plan.objective().key());
    Example sample =
        plan.corruption(recipe, specials)
            .sample(TextMarks.of(tokenizer).text(tokenizer.encode(TEXT)), 3, 0, 0);
    Prompt prompt = new PromptLayout(plan, tokenizer).lay("The white whale");
    if (plan.arrangement() == Arrangement.DECODER) {
      assertThat(isFrame(prompt.begun()[0])).isEqualTo(isFrame(sample.decoder().id(0)));
      return;
    }
    int[] source = sample.encoder().ids();
    assertThat(isFrame(prompt.source()[0])).as("begins").isEqualTo(isFrame(source[0]));
    int last = prompt.source()[prompt.source().length - 1];
    assertThat(isFrame(last)).as("ends").isEqualTo(isFrame(source[source.length - 1]));
    int[] begun = prompt.begun();
    if (plan.objective() == TextObjective.UL2) { // then the sentinel that is to be written
      begun = Arrays.copyOf(begun, 1);
    }
    assertThat(Arrays.copyOf(sample.decoder().ids(), begun.length)).isEqualTo(begun);
    assertThat(IntStream.range(0, sample.decoder().length()).map(sample.decoder()::label))
        .as("something is asked")
        .anyMatch(label -> label != Sequence.IGNORE);
  }

  /** Whether a token begins or ends a text, or starts a decoder. */
  private static boolean isFrame(int id) {
    return Stream.of(Special.BEGIN, Special.END, Special.PAD)
        .anyMatch(special -> specials.id(special) == id);
  }
}
