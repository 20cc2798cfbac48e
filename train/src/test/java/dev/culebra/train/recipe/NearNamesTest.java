package dev.culebra.train.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Names are proposed where one may have been meant, and nowhere else. */
final class NearNamesTest {

  private static final List<String> SETTINGS =
      Setting.all().stream().<String>map(Setting::key).toList();

  @ParameterizedTest
  @CsvSource({
    "modl.width, model.width",
    "width, model.width",
    "model.widht, model.width",
    "modle.width, model.width",
    "Model.Width, model.width",
    "learningRate, optimizer.learningRate",
    "optimizer.learning_rate, optimizer.learningRate",
    "schedule.step, schedule.steps",
    "batch.width, model.width",
    "corruption.mean, corruption.meanSpan"
  })
  void slipsOfTheHandAreFound(String name, String meant) {
    assertThat(NearNames.near(name, SETTINGS).getFirst()).isEqualTo(meant);
  }

  @ParameterizedTest
  @ValueSource(strings = {"zqx", "frobnicate", "data.workers", "epochs", "x", "", "lr"})
  void whatIsFarIsNotProposed(String name) {
    assertThat(NearNames.of(name, SETTINGS)).isEmpty();
  }

  @Test
  void oneIsOneAndManyAreMany() {
    assertThat(NearNames.of("cml", List.of("clm", "caption"))).hasValue("; the nearest is clm");
    assertThat(NearNames.of("clm1", List.of("clm2", "clm3", "x")))
        .hasValue("; the nearest are clm2, clm3");
  }
}
