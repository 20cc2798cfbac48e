package dev.culebra.models.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.culebra.models.dit.DenoiserConfig;
import dev.culebra.models.dit.NoiseProcess;
import dev.culebra.runtime.io.Json;
import dev.culebra.runtime.io.KeyTable;
import dev.culebra.runtime.io.KeyTable.Key;
import dev.culebra.runtime.io.KeyTable.Use;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * Every key that transformers and diffusers write has a meaning here. {@code golden/config_keys.py}
 * lists the keys.
 */
final class ConfigKeysTest {

  private static JsonNode published;

  private static Map<String, KeyTable> tables() {
    Map<String, KeyTable> tables = new TreeMap<>(ConfigKeys.byType());
    tables.put("DDPMScheduler", NoiseProcess.KEYS);
    tables.put("DDIMScheduler", NoiseProcess.KEYS);
    return tables;
  }

  private static List<String> types() {
    return List.copyOf(tables().keySet());
  }

  @BeforeAll
  static void readAndPrint() throws URISyntaxException {
    published = Json.read(Path.of(ConfigKeysTest.class.getResource("config_keys.json").toURI()));
    tables().forEach(ConfigKeysTest::print);
  }

  private static void print(String type, KeyTable table) {
    System.out.println(type);
    for (Use use : List.of(Use.HONOURED, Use.ONLY, Use.IGNORED)) {
      String keys =
          table.keys().values().stream()
              .filter(key -> key.use() == use)
              .map(ConfigKeysTest::shown)
              .collect(Collectors.joining(", "));
      System.out.println("  " + use + ": " + keys);
    }
  }

  private static String shown(Key key) {
    return key.use() == Use.ONLY
        ? key.name()
            + " = "
            + key.supported().stream().map(JsonNode::toString).collect(Collectors.joining(" or "))
        : key.name();
  }

  @ParameterizedTest
  @MethodSource("types")
  void everyPublishedKeyHasRow(String type) {
    SequencedMap<String, Key> keys = tables().get(type).keys();
    List<String> wanted = published.get(type).valueStream().map(JsonNode::stringValue).toList();

    assertThat(wanted).hasSizeGreaterThan(10);
    assertThat(keys.sequencedKeySet()).containsAll(wanted);
  }

  /** Of releases before 4.26, which kept what generation wants in config.json. */
  @ParameterizedTest
  @MethodSource("types")
  void keysOfGenerationAreKnownToo(String type) {
    assumeTrue(!type.contains("Scheduler") && !type.equals(DenoiserConfig.TYPE));
    assertThat(tables().get(type).keys()).containsKeys("max_length", "do_sample", "num_beams");
  }

  @Test
  void everyFamilyIsListed() {
    assertThat(published.propertyNames()).containsExactlyInAnyOrderElementsOf(types());
  }
}
