package dev.culebra.test.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Device;
import dev.culebra.test.pairs.SmallPairs;
import dev.culebra.train.run.Run;
import dev.culebra.train.run.RunListener;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Runs of seven recipes, each killed by SIGKILL at ten moments, end with the same files, those of
 * {@code model/} among them, as runs that were left alone.
 */
@EnabledIfSystemProperty(
    named = "culebra.test.recipes",
    matches = "true",
    disabledReason = "dozens of processes: mvn verify -Pcampaign")
class KilledRecipesTest {

  private static final int KILLS = 10;

  @TempDir Path temporary;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "clm",
        "span-corruption",
        "electra model.dropout=0.1",
        "mixture mixture.parts=span-corruption:0.5,seq2seq:0.5",
        "contrastive",
        "coca",
        "diffusion"
      })
  void killedRunsEndTheSame(String recipe) throws Exception {
    long seed = Long.getLong("culebra.test.seed", new SplittableRandom().nextLong());
    SplittableRandom random = new SplittableRandom(seed);
    Path data = Files.createDirectories(temporary.resolve("data"));
    TextRecipes.write(data);
    SmallPairs.images(data);
    if (recipe.equals("contrastive")) {
      SmallPairs.texts(data);
    }
    Path calm = temporary.resolve("calm");
    try (Device device = CpuDevice.open(1)) {
      Run.train(ChildRecipe.recipe(recipe, data), calm, false, device, new RunListener() {});
    }
    Path killed = temporary.resolve("killed");
    for (int kill = 0; kill < KILLS; kill++) {
      // One is killed while it starts and reads its data, the others behind one of the next lines.
      assertThat(child(recipe, data, killed, kill == 0 ? 0 : 1 + random.nextInt(8), random))
          .as("ended by itself before kill %d, seed %d", kill, seed)
          .isFalse();
    }
    assertThat(child(recipe, data, killed, Integer.MAX_VALUE, random)).isTrue();
    System.out.printf("KilledRecipesTest: %s: %d kills; seed %d%n", recipe, KILLS, seed);
    Map<String, String> expected = RunFiles.of(calm);
    Map<String, String> found = RunFiles.of(killed);
    for (Map<String, String> files : List.of(expected, found)) {
      files.replace("run.lock", ""); // the number of a process
    }
    assertThat(found.keySet()).as("seed %d", seed).isEqualTo(expected.keySet());
    expected.forEach(
        (name, content) ->
            assertThat(found.get(name).equals(content)).as("%s; seed %d", name, seed).isTrue());
  }

  /** Runs a child and kills it a moment after so many lines; whether it ended by itself. */
  private boolean child(String recipe, Path data, Path folder, int lines, SplittableRandom random)
      throws Exception {
    Path errors = temporary.resolve("child-errors.txt");
    Process process =
        ChildJvm.start(
            ChildRecipe.class,
            List.of(recipe, data.toString(), folder.toString()),
            Redirect.to(errors.toFile()));
    int start = lines == 0 ? 500 + random.nextInt(1500) : 0;
    return ChildJvm.ended(process, lines, start, random.nextLong(20_000), errors);
  }
}
