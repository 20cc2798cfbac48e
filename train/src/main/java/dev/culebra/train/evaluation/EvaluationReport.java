package dev.culebra.train.evaluation;

import dev.culebra.runtime.text.Format;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A model beside baselines, on the same data.
 *
 * @param data what was scored
 * @param labels how many tokens, pairs or images were scored
 * @param unit what these are, as people say it: {@code "tokens"}
 * @param metrics the figures, the most telling first
 */
public record EvaluationReport(String data, long labels, String unit, List<Metric> metrics) {

  private static final Pattern RECALL = Pattern.compile("recall_at_(\\d+)$");

  /** Sorts behind the others what any model reaches; recall among ten keys, at ten. */
  public EvaluationReport {
    metrics = metrics.stream().sorted(Comparator.comparing(Metric::given)).toList();
  }

  /** What is to be said of the figures: which of them tell nothing, and which losses are bad. */
  public List<String> notes() {
    List<String> notes = new ArrayList<>();
    for (Metric metric : metrics) {
      String name = metric.name().replace('_', ' ');
      if (metric.given()) {
        Matcher recall = RECALL.matcher(metric.name());
        String why =
            recall.find()
                ? Format.text("there are %s answers or fewer to choose from, so ", recall.group(1))
                : "";
        notes.add(
            Format.text(
                "%s tells nothing here: %s%s reaches %s too",
                name,
                why,
                metric.baselines().getFirst().name(),
                metric.form() == Metric.Form.SHARE ? "100 %" : "the best there is"));
      } else if (isLoss(metric) && metric.worseThanNothing()) {
        Metric.Baseline weakest = metric.baselines().getLast();
        notes.add(
            Format.text(
                "%s is worse than knowing nothing: a baseline (%s) reaches %.4f, this one"
                    + " %.4f",
                name, weakest.name(), weakest.value(), metric.value()));
      }
    }
    return notes;
  }

  /** Perplexity says again what its loss says. */
  private static boolean isLoss(Metric metric) {
    return metric.form() == Metric.Form.NAT || metric.name().endsWith("_error");
  }

  /**
   * The figure of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public Metric metric(String name) {
    return metrics.stream()
        .filter(metric -> metric.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "there is no figure "
                        + name
                        + "; there are "
                        + metrics.stream().map(Metric::name).toList()));
  }

  /**
   * The figures under the names of {@code --json}: {@code loss}, and {@code unigram_loss} of the
   * unigram baseline; null where a value is not known.
   */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("data", data);
    map.put(unit.replace(' ', '_'), labels);
    for (Metric metric : metrics) {
      map.put(metric.name(), known(metric.value()));
      for (Metric.Baseline baseline : metric.baselines()) {
        map.put(baseline.name().replace(' ', '_') + "_" + metric.name(), known(baseline.value()));
      }
    }
    if (!notes().isEmpty()) {
      map.put("notes", notes());
    }
    return map;
  }

  private static Double known(double value) {
    return Double.isNaN(value) ? null : value;
  }
}
