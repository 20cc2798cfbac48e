package dev.culebra.test.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A few hundred inputs for each parser, the same ones in each run unless {@code
 * -Dculebra.test.fuzz.seed} and {@code -Dculebra.test.fuzz.inputs} say otherwise. The campaign
 * tries many more in a small heap: {@code FuzzCampaignTest}.
 */
final class ParserSmokeTest {
  private static final long SEED = Long.getLong("culebra.test.fuzz.seed", 20261130);
  private static final long INPUTS = Long.getLong("culebra.test.fuzz.inputs", 300);

  @TempDir Path folder;

  @BeforeAll
  static void tellSeed() {
    System.out.println(
        "parsers: " + INPUTS + " inputs each (-Dculebra.test.fuzz.seed=" + SEED + ")");
  }

  static List<Parser> parsers() {
    return Parsers.all();
  }

  @ParameterizedTest
  @MethodSource("parsers")
  void inputsAreAcceptedOrRefused(Parser parser) throws IOException {
    Trial trial = new Trial(parser, folder.resolve(parser.name()));
    trial.mutate(
        Math.max(1, INPUTS / parser.cost()), new SplittableRandom(SEED + parser.name().hashCode()));
    assertThat(trial.defects()).as(trial.row()).isEmpty();
  }

  @Test
  void namesAreDistinct() {
    assertThat(Parsers.all().stream().map(Parser::name)).doesNotHaveDuplicates();
  }
}
