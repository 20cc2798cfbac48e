package dev.culebra.train.setup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.data.token.Special;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.data.token.Text;
import dev.culebra.objectives.text.PackedOptions;
import dev.culebra.objectives.text.corruption.Corruption;
import dev.culebra.objectives.text.corruption.Example;
import dev.culebra.objectives.text.corruption.Sequence;
import dev.culebra.objectives.text.corruption.TextObjective;
import dev.culebra.runtime.BadInputException;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.recipe.Settings;
import dev.culebra.train.run.Run;
import dev.culebra.train.run.RunListener;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a recipe's {@code corruption} settings make of a text. */
final class CorruptionSettingTest {
  private static final int WORDS = 1000;
  private static final SpecialTokens SPECIALS = SpecialTokens.behind(WORDS, 100);
  private static final int TOKENS = 120;

  /** A recipe with settings written as {@code corruption.rate=0.3}, without their prefix. */
  private static Recipe recipe(String objective, String settings) {
    Recipe recipe = Recipe.named(objective);
    for (String setting : settings.isBlank() ? new String[0] : settings.split(" ", -1)) {
      String[] sides = setting.split("=", 2);
      String key = sides[0].contains(".") ? sides[0] : "corruption." + sides[0];
      recipe = recipe.with(key, sides[1], "test");
    }
    return recipe;
  }

  private static TextObjectiveConfig plan(Recipe recipe) {
    return ObjectiveMix.of(recipe).first();
  }

  private static Corruption corruption(String objective, String settings) {
    Recipe recipe = recipe(objective, settings);
    return plan(recipe).corruption(recipe, SPECIALS);
  }

  /** Words of three tokens, sentences of ten words. */
  private static Text text() {
    BitSet words = new BitSet();
    BitSet stops = new BitSet();
    IntStream.range(0, TOKENS).filter(i -> i % 3 == 0).forEach(words::set);
    IntStream.range(0, TOKENS).filter(i -> i % 30 == 29).forEach(stops::set);
    return Text.of(IntStream.range(0, TOKENS).toArray(), words, stops);
  }

  private static Example sample(String objective, String settings) {
    return corruption(objective, settings).sample(text(), 3, 0, 0);
  }

  private static long count(Sequence rows, int id) {
    return Arrays.stream(rows.ids()).filter(row -> row == id).count();
  }

  private static long masks(Example example) {
    return count(example.encoder(), SPECIALS.id(Special.MASK));
  }

  private static long sentinels(Sequence rows) {
    return Arrays.stream(rows.ids())
        .filter(id -> IntStream.range(0, 100).anyMatch(i -> SPECIALS.sentinel(i) == id))
        .count();
  }

  @Test
  void rateAndLimitOfMasks() {
    assertThat(sample("mlm", "rate=0.3").labelCount()).isEqualTo(37); // of 122 rows
    assertThat(sample("mlm", "rate=0.5 limit=20").labelCount()).isEqualTo(20);
    assertThat(sample("electra", "rate=0.5 limit=5").labelCount()).isBetween(3, 5);
  }

  @Test
  void wholeWordsAndRuns() {
    for (String settings : new String[] {"wholeWords=true", "nGram=3 wholeWords=true rate=0.4"}) {
      int[] labels = sample("mlm", settings).encoder().labels();
      for (int row = 1; row <= TOKENS; row += 3) {
        boolean hidden = labels[row] != Sequence.IGNORE;
        assertThat(labels[row + 1] != Sequence.IGNORE).isEqualTo(hidden);
        assertThat(labels[row + 2] != Sequence.IGNORE).isEqualTo(hidden);
      }
    }
    assertThat(masks(sample("denoising", "profile=mask wholeWords=true rate=0.5")))
        .as("one mask for each of 20 words")
        .isEqualTo(20);
  }

  /** 18 tokens in spans of 8, without a rate beside them. */
  @Test
  void lengthsOfSpans() {
    assertThat(sentinels(sample("span-corruption", "profile=hf").encoder())).isEqualTo(6);
    assertThat(sentinels(sample("span-corruption", "profile=hf meanSpan=8").encoder()))
        .isEqualTo(2);
    assertThat(sentinels(sample("span-corruption", "profile=hf rate=0.3").encoder())).isEqualTo(12);
    long few = masks(sample("denoising", "profile=infill meanSpan=20"));
    assertThat(few).isLessThan(masks(sample("denoising", "profile=infill meanSpan=2")));
  }

  @Test
  void closingSentinels() {
    assertThat(sentinels(sample("span-corruption", "").decoder())).isEqualTo(6);
    assertThat(sentinels(sample("span-corruption", "closing=true").decoder())).isEqualTo(7);
    assertThat(sentinels(sample("span-corruption", "profile=hf closing=false").decoder()))
        .isEqualTo(6);
  }

  /** A rate leaves the rest of a profile as it is. */
  @Test
  void noiseOfAProfileAtAnotherRate() {
    Sequence deleted = sample("denoising", "profile=delete rate=0.2").encoder();
    assertThat(deleted.ids()).hasSize(96).isSorted();
    assertThat(sample("denoising", "profile=mask rate=0.25").encoder().ids()).hasSize(TOKENS);
    assertThat(masks(sample("denoising", "profile=mask rate=0.25"))).isEqualTo(30);
    Example hf = sample("denoising", "profile=hf rate=0.2");
    assertThat(hf.decoder().label(0)).as("hf asks for no begin token").isEqualTo(Sequence.IGNORE);
  }

  @Test
  void insertedMasksRotationAndPermutation() {
    Sequence inserted = sample("denoising", "profile=delete rate=0.2 insert=0.1").encoder();
    assertThat(inserted.length()).isEqualTo(96 + 10);
    assertThat(count(inserted, SPECIALS.id(Special.MASK))).isEqualTo(10);
    int[] rotated = sample("denoising", "profile=delete rotate=1").encoder().ids();
    int turns = 0;
    for (int i = 1; i < rotated.length; i++) {
      turns += rotated[i] < rotated[i - 1] ? 1 : 0;
    }
    assertThat(turns).isEqualTo(1);
    int[] kept =
        Arrays.stream(sample("denoising", "profile=plain permute=0").encoder().ids())
            .filter(id -> id < WORDS)
            .toArray();
    assertThat(kept).isSorted();
    assertThat(sample("denoising", "profile=delete permute=1").encoder().ids())
        .isNotEqualTo(sample("denoising", "profile=delete").encoder().ids());
  }

  @Test
  void shareOfAPrefix() {
    assertThat(sample("prefix-lm", "share=0.25").labelCount()).isEqualTo(90);
    assertThat(sample("prefix-lm", "share=0.5 model.family=t5").encoder().length()).isEqualTo(61);
  }

  @Test
  void mixtureOfUl2() {
    Corruption onlyS = corruption("ul2", "mix=0,1,0");
    for (int i = 0; i < 20; i++) {
      assertThat(onlyS.sample(text(), 1, 0, i).encoder().id(0))
          .isEqualTo(SPECIALS.id(Special.MODE_S));
    }
  }

  /** The weights of the modes are chosen apart from what the model is made of. */
  @ParameterizedTest
  @CsvSource({"uniform, t5, true", "uniform, llama, false", "community, gpt2, false"})
  void ul2IsLaidOutForTheModel(String profile, String family, boolean encoder) {
    Example example = sample("ul2", "profile=" + profile + " model.family=" + family);
    assertThat(example.encoder().length() > 0).isEqualTo(encoder);
  }

  @Test
  void ratesOfGaps() {
    Corruption always = corruption("fim", "rate=1 suffixFirst=0.9");
    int suffixFirst = 0;
    for (int i = 0; i < 100; i++) {
      Sequence rows = always.sample(text(), 1, 0, i).decoder();
      assertThat(rows.id(0)).isEqualTo(SPECIALS.id(Special.PREFIX));
      suffixFirst += rows.id(1) == SPECIALS.id(Special.SUFFIX) ? 1 : 0;
    }
    assertThat(suffixFirst).isBetween(75, 99);
  }

  /** As many sentinels as a window can need, and never fewer than T5 has. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "span-corruption |                                             | 100",
        "span-corruption | rate=0.5 meanSpan=1 model.context=512       | 256",
        "span-corruption | profile=hf rate=0.5 meanSpan=1 model.context=512 | 256",
        "ul2             | model.context=1024                          | 115",
        "ul2             | model.context=4096 model.family=llama       | 456",
        "mlm             |                                             | 0"
      })
  void sentinelsAreCountedFromTheWindow(String objective, String settings, int wanted) {
    Recipe recipe = recipe(objective, settings == null ? "" : settings);
    ObjectiveMix task = ObjectiveMix.of(recipe);
    assertThat(task.sentinels()).isEqualTo(wanted);
    SpecialTokens specials = SpecialTokens.behind(WORDS, task.sentinels());
    PackedOptions sizes = task.first().sizes(recipe, specials);
    Corruption corruption = task.first().corruption(recipe, specials);
    for (int i = 0; i < 20; i++) {
      int[] tokens = IntStream.range(0, sizes.window()).map(t -> t % WORDS).toArray();
      Example example = corruption.sample(Text.of(tokens), 1, 0, i);
      int context = recipe.get(Settings.CONTEXT);
      assertThat(example.encoder().length()).isLessThanOrEqualTo(context);
      assertThat(example.decoder().length()).isLessThanOrEqualTo(context);
    }
  }

  /** Whatever masks are inserted, a window fits the model. */
  @Test
  void windowsLeaveRoomForInsertedMasks() {
    Recipe recipe = recipe("denoising", "profile=mask rate=0.1 insert=0.5");
    int window = plan(recipe).sizes(recipe, SPECIALS).window();
    Text text = Text.of(new int[window]);
    Example example = plan(recipe).corruption(recipe, SPECIALS).sample(text, 1, 0, 0);
    assertThat(example.encoder().length()).isBetween(110, 128);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "clm | rate=0.3 | corruption.rate 0.3 changes nothing in clm with the profile plain: it is"
            + " for mlm, span-corruption, denoising, nsp, sop, electra, fim",
        "nsp | rate=0.3 profile=plain | changes nothing in nsp with the profile plain",
        "seq2seq | rate=0.3 | changes nothing in seq2seq",
        "mlm | meanSpan=3.5 | it is for span-corruption, denoising (mean length",
        "mlm | share=0.5 | it is for prefix-lm (share",
        "prefix-lm | rate=0.5 | changes nothing in prefix-lm",
        "span-corruption | limit=3 | it is for mlm, nsp, sop, electra (most",
        "denoising | closing=true | it is for span-corruption (whether",
        "mlm | mix=1,1,1 | it is for ul2 (weights",
        "ul2 | rate=0.2 | changes nothing in ul2 with the profile community",
        "mlm | insert=0.1 | it is for denoising (",
        "mlm | suffixFirst=0.1 | it is for fim (",
        "mixture | suffixFirst=0.1 | changes nothing in span-corruption with the profile t5 or",
        "multi | profile=hf | which multi is not: give each part its own, as in mlm/hf:0.5",
        "clm | profile=gpt | corruption.profile gpt is for a text alone",
        "mlm | profile=none | mlm has no profile 'none'; it has plain, bert",
        "seq2seq | profile=none | seq2seq has no profile 'none'; it has t5, decoder",
        "mlm | profile=hf limit=3 | corruption.limit 3: The number of masked tokens has a limit in",
        "mlm | profile=hf nGram=2 | corruption.nGram 2: Runs of tokens",
        "electra | wholeWords=true | corruption.wholeWords true: The profiles modernbert and",
        "denoising | wholeWords=true | Hidden spans are made of whole words already",
        "denoising | profile=delete meanSpan=4 | A mean length is for hidden spans",
        "span-corruption | meanSpan=0.5 | corruption.meanSpan 0.5: Hidden spans of 0.5 tokens",
        "span-corruption | profile=t5-rolled closing=true | rolled spans have no closing sentinel",
        "ul2 | mix=1,2 | corruption.mix 1,2: give a weight for each of R, S and X",
        "ul2 | mix=a,b,c | weights are numbers",
        "ul2 | mix=0,0,0 | not all 0",
        "prefix-lm | profile=t5 | for an encoder-decoder, but llama is a decoder: choose the"
            + " profile plain or t5-decoder, or model.family t5 or bart",
        "prefix-lm | profile=plain model.family=t5 | choose the profile t5, or model.family llama"
            + " or gpt2",
        "ul2 | profile=decoder | choose the profile uniform or community, or model.family llama",
        "seq2seq | profile=t5 model.family=gpt2 | choose the profile decoder, or model.family t5",
      })
  void refusesWhatMeansNothing(String objective, String settings, String reason) {
    Recipe recipe = recipe(objective, settings);
    assertThatThrownBy(() -> CorruptionSetting.check(recipe, ObjectiveMix.of(recipe).parts()))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(reason);
  }

  @ParameterizedTest
  @CsvSource({"clip, rate=0.3", "contrastive, wholeWords=true", "diffusion, profile=cosine"})
  void refusesWhatMeansNothingToPairsAndImages(
      String objective, String settings, @TempDir Path folder) {
    assertThatThrownBy(
            () -> Run.train(recipe(objective, settings), folder, false, null, new RunListener() {}))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(objective)
        .hasMessageEndingWith("leave it out");
  }

  /** Parts of a mixture take what they have, and leave the rest to the others. */
  @Test
  void partsTakeTheSettingsThatTheyHave() {
    Recipe recipe = recipe("mixture", "closing=true share=0.5");
    ObjectiveMix task = ObjectiveMix.of(recipe);
    for (TextObjectiveConfig part : task.parts()) {
      Example example = part.corruption(recipe, SPECIALS).sample(text(), 3, 0, 0);
      if (part.objective() == TextObjective.SPAN_CORRUPTION) {
        assertThat(sentinels(example.decoder())).isEqualTo(7);
      } else if (part.objective() == TextObjective.PREFIX_LM) {
        assertThat(example.kept().cardinality()).isEqualTo(60);
      }
    }
  }
}
