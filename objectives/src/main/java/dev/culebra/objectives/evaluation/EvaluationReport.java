package dev.culebra.objectives.evaluation;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model beside trivial ones, on the same data.
 *
 * @param data what was scored
 * @param labels how many tokens, pairs or images were scored
 * @param unit what these are, as people say it: {@code "tokens"}
 * @param metrics the figures, the most telling first
 */
public record EvaluationReport(String data, long labels, String unit, List<Metric> metrics) {

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
    return map;
  }

  private static Double known(double value) {
    return Double.isNaN(value) ? null : value;
  }
}
