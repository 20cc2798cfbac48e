package dev.culebra.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.models.dual.TextReading;
import dev.culebra.models.dual.TextReading.Pooled;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.Notes;
import dev.culebra.runtime.io.KeyTable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What folders of Sentence Transformers say: followed, or refused by name. */
final class SentenceFolderTest {

  private static final Map<String, KeyTable> TABLES =
      Map.of(
          "modules.json", SentenceFolder.MODULE_KEYS,
          "sentence_bert_config.json", SentenceFolder.TRANSFORMER_KEYS,
          "1_Pooling/config.json", SentenceFolder.POOLING_KEYS,
          "2_Normalize/config.json", SentenceFolder.NORMALIZE_KEYS,
          "config_sentence_transformers.json", SentenceFolder.WHOLE_KEYS);

  @TempDir Path folder;

  @BeforeEach
  void writePlainFolder() throws IOException {
    write(
        "modules.json",
        """
        [{'idx': 0, 'name': '0', 'path': '', 'type': 'sentence_transformers.models.Transformer'},
         {'idx': 1, 'name': '1', 'path': '1_Pooling', 'type': 'sentence_transformers.models.Pooling'}]
        """);
    write("1_Pooling/config.json", "{'word_embedding_dimension': 8}");
  }

  private void write(String name, String json) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, json.replace('\'', '"'));
  }

  private SentenceFolder read() {
    return SentenceFolder.read(folder, 32, 8);
  }

  @Test
  void knowsEveryKeyThatSentenceTransformersWrites() throws IOException {
    try (InputStream in = SentenceFolderTest.class.getResourceAsStream("sentence_keys.json")) {
      JsonNode files = JsonMapper.shared().readTree(in);
      assertThat(files.propertyNames()).containsExactlyInAnyOrderElementsOf(TABLES.keySet());
      for (Map.Entry<String, JsonNode> file : files.properties()) {
        List<String> keys = new ArrayList<>();
        file.getValue().forEach(key -> keys.add(key.stringValue()));
        assertThat(TABLES.get(file.getKey()).keys().keySet())
            .as(file.getKey())
            .containsAll(keys)
            .hasSizeGreaterThanOrEqualTo(keys.size());
      }
    }
  }

  @Test
  void followsWhatLittleIsSaid() {
    SentenceFolder read = read();
    assertThat(read.reading()).isEqualTo(new TextReading(Pooled.MEAN, 32, false));
    assertThat(read.lower()).isFalse();
    assertThat(read.prompts()).isEmpty();
    assertThat(read.similarity()).isEqualTo("cosine");
  }

  @Test
  void cutsTextsWhereTheFolderSays() throws IOException {
    write("tokenizer_config.json", "{'model_max_length': 1000000000000000019884624838656}");
    assertThat(read().reading().longest()).isEqualTo(32);
    write("tokenizer_config.json", "{'model_max_length': 20}");
    assertThat(read().reading().longest()).isEqualTo(20);
    write("sentence_bert_config.json", "{'max_seq_length': 12}");
    assertThat(read().reading().longest()).isEqualTo(12);
    write("sentence_bert_config.json", "{'max_seq_length': 64}");
    assertThat(read().reading().longest()).isEqualTo(32);
  }

  @Test
  void saysUnknownKeysOnce() throws IOException {
    write(
        "1_Pooling/config.json", "{'embedding_dimension': 8, 'pooling_mode': 'cls', 'flavour': 1}");
    List<String> notes = new ArrayList<>();
    SentenceFolder read = Notes.to(notes::add, this::read);
    assertThat(read.reading().pooled()).isEqualTo(Pooled.CLS);
    assertThat(notes).singleElement().asString().contains("flavour", "1_Pooling/config.json");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "1_Pooling/config.json | {'pooling_mode': 'max'} | pooling_mode max",
        "1_Pooling/config.json | {'pooling_mode': 'weightedmean'} | weightedmean",
        "1_Pooling/config.json | {'pooling_mode': 'mean_sqrt_len_tokens'} | mean_sqrt_len_tokens",
        "1_Pooling/config.json | {'pooling_mode': ['cls', 'mean']} | cls with mean",
        "1_Pooling/config.json | {'pooling_mode': 'median'} | median",
        "1_Pooling/config.json | {'pooling_mode_max_tokens': true} | pooling_mode max",
        "1_Pooling/config.json | {'pooling_mode_cls_token': true, 'pooling_mode_mean_tokens': true}"
            + " | cls with mean",
        "1_Pooling/config.json | {'embedding_dimension': 9} | embedding_dimension is 9",
        "1_Pooling/config.json | [] | must hold a JSON object",
        "sentence_bert_config.json | {'max_seq_length': 0} | max_seq_length",
        "sentence_bert_config.json | {'max_seq_length': 'long'} | max_seq_length",
        "sentence_bert_config.json | {'transformer_task': 'fill-mask'} | transformer_task",
        "sentence_bert_config.json | {'query_length': 8} | query_length",
        "sentence_bert_config.json | {'model_args': {'num_labels': 3}} | model_args",
        "sentence_bert_config.json | {'query_expansion': {'strategy': 'min'}} | query_expansion",
        "config_sentence_transformers.json | {'model_type': 'SparseEncoder'} | model_type",
        "config_sentence_transformers.json | {'default_prompt_name': 'q'} | default_prompt_name q",
        "modules.json | {} | a list of modules",
        "modules.json | [] | no modules",
        "modules.json | [{'type': 'custom.Transformer', 'path': ''}] | custom.Transformer",
        "modules.json | [{'type': 'sentence_transformers.models.Dense', 'path': '2_Dense'}] |"
            + " Dense",
        "modules.json | [{'type': 'sentence_transformers.models.Transformer', 'path': '../x'}] |"
            + " ../x",
        "modules.json | [{'type': 'sentence_transformers.models.Transformer', 'path': '0_BERT'}] |"
            + " 0_BERT",
        "modules.json | [{'type': 'sentence_transformers.models.Transformer', 'path': '', 'kwargs':"
            + " ['t']}] | kwargs",
        "modules.json | [{'type': 'sentence_transformers.models.Transformer', 'path': ''}] |"
            + " Pooling"
      })
  void refusesByName(String file, String json, String named) throws IOException {
    write(file, json);
    assertThatThrownBy(this::read)
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(named)
        .hasMessageContaining(file)
        .hasMessageNotContaining("\n");
  }
}
