package dev.culebra.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.models.bert.EncoderConfig;
import dev.culebra.models.decoder.DecoderConfig;
import dev.culebra.models.dit.DenoiserConfig;
import dev.culebra.models.dual.DualEncoder;
import dev.culebra.models.dual.ImageTextConfig;
import dev.culebra.models.dual.VitBertConfig;
import dev.culebra.models.encoderdecoder.EncoderDecoderConfig;
import dev.culebra.models.encoderdecoder.EncoderDecoderShape;
import dev.culebra.models.nn.ConfigFile;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.Notes;
import dev.culebra.runtime.io.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Configurations that mean nothing are refused in one sentence, whatever stands where. */
final class ConfigFaultsTest {

  private static final Map<String, String> VALID = new HashMap<>();

  static {
    String encoder =
        "'vocab_size': 99, 'hidden_size': 16, 'num_hidden_layers': 2, 'num_attention_heads': 2,"
            + " 'intermediate_size': 24, 'hidden_act': 'gelu', 'layer_norm_eps': 1e-12,"
            + " 'max_position_embeddings': 32, 'architectures': ['BertModel']";
    String tower =
        "'hidden_size': 16, 'num_hidden_layers': 2, 'num_attention_heads': 2,"
            + " 'intermediate_size': 24, 'hidden_act': 'gelu', 'layer_norm_eps': 1e-5";
    VALID.put(
        "gpt2",
        "{'model_type': 'gpt2', 'vocab_size': 99, 'n_positions': 32, 'n_embd': 16, 'n_layer': 2,"
            + " 'n_head': 2, 'n_inner': null, 'layer_norm_epsilon': 1e-5}");
    VALID.put(
        "llama",
        "{'model_type': 'llama', 'vocab_size': 99, 'max_position_embeddings': 32, 'hidden_size':"
            + " 16, 'num_hidden_layers': 2, 'num_attention_heads': 4, 'num_key_value_heads': 2,"
            + " 'head_dim': 4, 'intermediate_size': 24, 'rms_norm_eps': 1e-6, 'rope_parameters':"
            + " {'rope_theta': 500.0, 'rope_type': 'default'}, 'tie_word_embeddings': true}");
    VALID.put("bert", "{'model_type': 'bert', " + encoder + "}");
    VALID.put(
        "t5",
        "{'model_type': 't5', 'vocab_size': 99, 'd_model': 16, 'd_kv': 8, 'd_ff': 24, 'num_layers':"
            + " 2, 'num_decoder_layers': 1, 'num_heads': 2, 'relative_attention_num_buckets': 8,"
            + " 'relative_attention_max_distance': 20, 'layer_norm_epsilon': 1e-6,"
            + " 'feed_forward_proj': 'gated-gelu', 'tie_word_embeddings': false,"
            + " 'scale_decoder_outputs': false}");
    VALID.put(
        "bart",
        "{'model_type': 'bart', 'vocab_size': 99, 'd_model': 16, 'encoder_layers': 1,"
            + " 'decoder_layers': 2, 'encoder_attention_heads': 2, 'decoder_attention_heads': 2,"
            + " 'encoder_ffn_dim': 24, 'decoder_ffn_dim': 24, 'max_position_embeddings': 32,"
            + " 'activation_function': 'gelu'}");
    VALID.put(
        "clip",
        "{'model_type': 'clip', 'projection_dim': 8, 'logit_scale_init_value': 2.6, 'text_config':"
            + " {'vocab_size': 99, 'max_position_embeddings': 32, 'eos_token_id': 98, "
            + tower
            + "}, 'vision_config': {'image_size': 16, 'patch_size': 4, 'num_channels': 3, "
            + tower
            + "}}");
    VALID.put(
        VitBertConfig.TYPE,
        "{'model_type': 'vision-text-dual-encoder', 'projection_dim': 8, 'text_config':"
            + " {'model_type': 'bert', "
            + encoder
            + "}, 'vision_config': {'model_type': 'vit', 'image_size': 16, 'patch_size': 4,"
            + " 'num_channels': 3, 'pooler_output_size': 16, "
            + tower
            + "}}");
    VALID.put(
        DenoiserConfig.TYPE,
        "{'_class_name': 'DiTTransformer2DModel', 'sample_size': 8, 'patch_size': 2, 'in_channels':"
            + " 3, 'out_channels': 3, 'num_layers': 2, 'num_attention_heads': 2,"
            + " 'attention_head_dim': 8, 'num_embeds_ada_norm': 4, 'norm_eps': 1e-5,"
            + " 'num_train_timesteps': 50}");
  }

  /** What may stand where something else should. */
  private static final String[] FAULTS = {
    "{}", "[]", "{'a': [1]}", "['a']", "'text'", "''", "'/etc/passwd'", "true", "false", "null",
    "0", "-1", "-0.5", "0.5", "1e-300", "1e300", "2147483647", "2147483648", "16777216", "1e400",
    "123456789012345678901234567890", "'\\u0000\\n'"
  };

  @TempDir private Path folder;

  private static JsonNode tree(String json) {
    return Json.parse("[" + json.replace('\'', '"') + "]", "test", JsonNode.class).get(0);
  }

  private static Object read(ConfigFile in) {
    DualEncoder.Start.read(in);
    return switch (in.modelType()) {
      case "gpt2", "llama" -> DecoderConfig.read(in);
      case "bert" -> EncoderConfig.read(in);
      case "t5", "bart" -> EncoderDecoderConfig.read(in);
      case "clip" -> ImageTextConfig.read(in);
      case VitBertConfig.TYPE -> VitBertConfig.read(in);
      case DenoiserConfig.TYPE -> DenoiserConfig.read(in);
      default -> throw ModelFolder.unsupported(in);
    };
  }

  /** All trees with one value replaced, or left out. */
  private static List<JsonNode> mutations(JsonNode valid) {
    List<JsonNode> all = new ArrayList<>();
    for (String key : valid.propertyNames()) {
      for (String fault : FAULTS) {
        all.add(((ObjectNode) valid.deepCopy()).set(key, tree(fault)));
      }
      ObjectNode without = (ObjectNode) valid.deepCopy();
      without.remove(key);
      all.add(without);
      if (valid.get(key).isObject()) {
        for (JsonNode part : mutations(valid.get(key))) {
          all.add(((ObjectNode) valid.deepCopy()).set(key, part));
        }
      }
    }
    return all;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gpt2",
        "llama",
        "bert",
        "t5",
        "bart",
        "clip",
        VitBertConfig.TYPE,
        DenoiserConfig.TYPE
      })
  void anyValueIsReadOrRefused(String type) throws Exception {
    JsonNode valid = tree(VALID.get(type));
    Path file = folder.resolve(ModelFolder.CONFIG);
    int refused = 0;
    for (JsonNode tree : mutations(valid)) {
      Files.writeString(file, tree.toString());
      try {
        Notes.to(note -> assertThat(note).hasSizeLessThan(600), () -> read(ConfigFile.read(file)));
      } catch (BadInputException e) {
        refused++;
        assertThat(e.getMessage())
            .as("%s", tree)
            .startsWith(file.toString())
            .hasSizeLessThan(600)
            .doesNotContainPattern("\\p{Cntrl}");
      }
    }

    assertThat(read(write(file, valid))).isNotNull();
    assertThat(refused).isGreaterThan(100);
  }

  private static ConfigFile write(Path file, JsonNode tree) throws Exception {
    Files.writeString(file, tree.toString());
    return ConfigFile.read(file);
  }

  @Test
  void aTextWhereNumbersOrFlagsShouldBeIsNamed() throws Exception {
    Path file = folder.resolve(ModelFolder.CONFIG);
    JsonNode t5 = tree(VALID.get("t5"));
    ((ObjectNode) t5).put("scale_decoder_outputs", "/etc/passwd");
    ConfigFile config = write(file, t5);

    assertThatThrownBy(() -> read(config))
        .isInstanceOf(BadInputException.class)
        .hasMessage(file + ": scale_decoder_outputs must be true or false, not \"/etc/passwd\"");
  }

  /** transformers' rule: what the scale says goes before what the tie says. */
  @Test
  void whatScalesOutputsOfT5IsTied() throws Exception {
    ObjectNode t5 = (ObjectNode) tree(VALID.get("t5"));
    t5.put("scale_decoder_outputs", true);
    assertThat(tied(t5)).isTrue();

    t5.remove("scale_decoder_outputs");
    assertThat(tied(t5)).isFalse();

    t5.remove("tie_word_embeddings");
    assertThat(tied(t5)).isTrue();

    t5.put("scale_decoder_outputs", false);
    assertThat(tied(t5)).isFalse();
  }

  private boolean tied(JsonNode t5) throws Exception {
    return ((EncoderDecoderShape) read(write(folder.resolve(ModelFolder.CONFIG), t5))).tied();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"rope_type\": \"yarn\", \"factor\": 4.0} | rope_parameters.rope_type 'yarn' is not"
            + " supported",
        "{\"rope_type\": \"linear\"} | rope_parameters has no factor, which its type needs",
        "{\"rope_type\": \"linear\", \"factor\": 0} | factor must be a positive number, not 0",
        "{\"rope_type\": \"llama3\", \"factor\": 8, \"low_freq_factor\": 4, \"high_freq_factor\":"
            + " 4} | high_freq_factor 4.0 of the rotary positions must be above low_freq_factor"
            + " 4.0",
        "{\"rope_type\": \"llama3\", \"factor\": 8, \"low_freq_factor\": 4}"
            + " | rope_parameters has no high_freq_factor, which its type needs",
      })
  void positionsThatMeanNothingAreRefused(String rope, String sentence) throws Exception {
    Path file = folder.resolve(ModelFolder.CONFIG);
    ObjectNode llama = (ObjectNode) tree(VALID.get("llama"));
    llama.set("rope_parameters", tree(rope));
    ConfigFile config = write(file, llama);

    assertThatThrownBy(() -> read(config))
        .isInstanceOf(BadInputException.class)
        .hasMessageStartingWith(file + ": " + sentence);
  }
}
