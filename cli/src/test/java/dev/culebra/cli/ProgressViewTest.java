package dev.culebra.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class ProgressViewTest {

  private static final String ERASE = "\r\u001B[K";

  private final StringWriter written = new StringWriter();
  private final PrintWriter err = new PrintWriter(written);

  @Test
  void linesAppearForTheFirstAndTheLastStepAndNotForEveryOne() {
    try (ProgressView view = new ProgressLinesView(err)) {
      view.begin("train", 100, 1100);
      for (int step = 101; step <= 1100; step++) {
        view.step(step, "loss " + step);
      }
    }
    assertThat(written.toString().lines())
        .hasSizeBetween(2, 20)
        .first()
        .asString()
        .startsWith("step 101/1100  loss 101  left ");
    assertThat(written.toString().lines()).last().asString().contains("step 1100/1100  loss 1100");
  }

  @Test
  void theBarStaysBelowOtherLines() {
    try (ProgressView view = new ProgressBarView(err, 80)) {
      view.line("before");
      view.begin("train", 0, 4);
      view.step(2, "loss 3.5");
      view.line("validated");
      view.step(4, "loss 3.2");
      view.close();
      view.line("after");
    }
    String text = written.toString();
    assertThat(text).startsWith("before\n").endsWith("\nafter\n");
    assertThat(text).containsPattern("validated\n[^\n]*4/4 [^\n]*loss 3\\.2\n");
    for (String shown : text.split("[\r\n]", -1)) {
      assertThat(shown.replace("\u001B[K", "").length()).isLessThan(80);
    }
    assertThat(text).contains(ERASE);
  }

  @Test
  void durationsAreShownAsOnAClock() {
    assertThat(ProgressView.clock(Duration.ofMillis(7_900))).isEqualTo("0:07");
    assertThat(ProgressView.clock(Duration.ofSeconds(754))).isEqualTo("12:34");
    assertThat(ProgressView.clock(Duration.ofSeconds(3723))).isEqualTo("1:02:03");
  }
}
