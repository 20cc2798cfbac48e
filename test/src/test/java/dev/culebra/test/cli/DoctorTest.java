package dev.culebra.test.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class DoctorTest {

  @Test
  void tablesNameDevicesLibrariesAndEveryAttempt() {
    Outcome doctor = Outcome.of("doctor");
    assertThat(doctor.code()).isZero();
    assertThat(doctor.err()).isEmpty();
    assertThat(doctor.out())
        .contains("culebra ", "java ", "processor ", "memory ", "Devices", "OpenBLAS: ")
        .containsPattern("cpu +ready +\\S")
        .containsPattern("cuda:0 +no +\\S")
        .containsPattern("soft +ready +\\S")
        .containsPattern("property culebra.openblas +- +not set")
        .containsPattern("libopenblas.so.0 +loaded")
        .contains("libcuda.so.1");
  }

  @Test
  void jsonHasTheSame() {
    Outcome doctor = Outcome.of("doctor", "--json");
    JsonNode report = JsonMapper.shared().readTree(doctor.out());
    assertThat(report.propertyNames())
        .containsExactly(
            "culebra",
            "java",
            "system",
            "processor",
            "instructions",
            "vectors",
            "memory",
            "devices",
            "libraries",
            "caches");
    assertThat(report.get("devices").valueStream().map(d -> d.get("name").asString()))
        .containsExactly("cpu", "cuda:0", "soft");
    assertThat(report.at("/devices/0/usable").asBoolean()).isTrue();
    JsonNode attempts = report.at("/libraries/0/attempts");
    assertThat(attempts.size()).isPositive();
    assertThat(attempts.get(attempts.size() - 1).get("outcome").asString()).isEqualTo("loaded");
  }
}
