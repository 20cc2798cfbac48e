package dev.culebra.runtime.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.Notes;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

final class KeyTableTest {
  private static final Path FILE = Path.of("config.json");

  private final KeyTable table =
      KeyTable.of("gpt2")
          .honoured("n_embd")
          .only("scale_attn_weights", true, true)
          .only("pretraining_tp", 1, 1)
          .ignored("use_cache");

  private List<String> check(String json) {
    List<String> notes = new ArrayList<>();
    JsonNode node = Json.parse(json, "test", JsonNode.class);
    Notes.to(
        notes::add,
        () -> {
          table.check(FILE, node);
          table.check(FILE, node);
          return null;
        });
    return notes;
  }

  @Test
  void whatTheTableKnowsIsNotNoted() {
    String json =
        """
        {"n_embd": 8, "scale_attn_weights": true, "pretraining_tp": 1.0, "use_cache": false}
        """;

    assertThat(check(json)).isEmpty();
    assertThat(check("{}")).isEmpty();
  }

  @Test
  void anyOtherKeyIsNotedOnceByName() {
    assertThat(check("{\"sliding\": [1, 2]}"))
        .containsExactly(
            "config.json: the key \"sliding\" = [1,2] is not known for gpt2, and changes nothing");
  }

  @Test
  void anotherValueIsRefusedByName() {
    assertThatThrownBy(() -> check("{\"scale_attn_weights\": false}"))
        .isInstanceOf(BadInputException.class)
        .hasMessage(
            "config.json: scale_attn_weights false is not supported for gpt2; only true is");
    assertThatThrownBy(() -> check("{\"scale_attn_weights\": \"true\"}"))
        .hasMessageContaining("\"true\"");
    assertThatThrownBy(() -> check("{\"pretraining_tp\": null}")).hasMessageContaining("null");
    assertThatThrownBy(() -> check("[]")).hasMessageContaining("must hold a JSON object");
  }

  @Test
  void aMissingKeyMeansItsDefault() {
    KeyTable asks = KeyTable.of("t5").only("dropout_rate", 0.1, 0.0);

    assertThatThrownBy(() -> asks.check(FILE, Json.MAPPER.createObjectNode()))
        .hasMessage(
            "config.json: dropout_rate is missing, which means 0.1, and that is not supported for"
                + " t5; only 0.0 is");
  }
}
