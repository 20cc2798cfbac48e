package dev.culebra.data.token;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.runtime.io.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Ids and texts of small tokenizers of every kind, with added tokens of every kind and templates,
 * as Python's tokenizers 0.23 gives them. A larger file of the same form: {@code
 * -Dculebra.test.tokenizerVectors=FILE}.
 */
class TokenizerVectorsTest {
  @TempDir Path folder;

  static Stream<Named<JsonNode>> tokenizers() throws IOException {
    String other = System.getProperty("culebra.test.tokenizerVectors");
    try (var in = TokenizerVectorsTest.class.getResourceAsStream("/tokenizer_vectors.json")) {
      byte[] bytes = other == null ? in.readAllBytes() : Files.readAllBytes(Path.of(other));
      JsonNode all = Json.MAPPER.readTree(bytes);
      return all.valueStream().map(one -> Named.of(one.get("kind").stringValue(), one));
    }
  }

  private static int[] ids(JsonNode list) {
    return list.valueStream().mapToInt(JsonNode::intValue).toArray();
  }

  private Path write(JsonNode tokenizer) throws IOException {
    return Files.write(folder.resolve("tokenizer.json"), Json.MAPPER.writeValueAsBytes(tokenizer));
  }

  private static void compare(JsonNode one, Tokenizer tokenizer) {
    Template template = tokenizer.traits().template();
    for (JsonNode sample : one.get("cases")) {
      String text = sample.get("text").stringValue();
      int[] ids = ids(sample.get("ids"));
      assertThat(tokenizer.encodePrompt(text)).as("prompt %s", text).isEqualTo(ids);
      if (sample.get("document").isArray()) {
        assertThat(tokenizer.encode(text))
            .as("document %s", text)
            .isEqualTo(ids(sample.get("document")));
      }
      if (sample.get("decoded").isString()) { // releases differ in normalized added tokens
        assertThat(tokenizer.decode(ids)).isEqualTo(sample.get("decoded").stringValue());
      }
      int[] framed = ids(sample.get("framed"));
      if (framed.length == ids.length + template.size()) {
        int[] ours = template.frame(ids);
        if (ours.length == framed.length) { // what is typed is not doubled
          assertThat(ours).as("framed %s", text).isEqualTo(framed);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("tokenizers")
  void idsAreThoseOfTokenizers(JsonNode one) throws IOException {
    Path file = write(one.get("tokenizer"));
    try (Tokenizer tokenizer = Tokenizers.load(file);
        Tokenizer library = Tokenizers.loadNative(file)) {
      compare(one, tokenizer);
      compare(one, library);
    }
  }

  /** The library numbers added tokens by their place in the file; the file's ids count. */
  @ParameterizedTest
  @MethodSource("tokenizers")
  void idsAreTheFilesWhateverTheOrder(JsonNode one) throws IOException {
    long seed = System.nanoTime();
    ObjectNode shuffled = ((ObjectNode) one.get("tokenizer")).deepCopy();
    ArrayNode added = (ArrayNode) shuffled.get("added_tokens");
    List<JsonNode> tokens = new java.util.ArrayList<>(added.valueStream().toList());
    Collections.shuffle(tokens, new Random(seed));
    shuffled.putArray("added_tokens").addAll(tokens);
    try (Tokenizer tokenizer = Tokenizers.load(write(shuffled))) {
      compare(one, tokenizer);
      for (JsonNode token : tokens) {
        assertThat(tokenizer.id(token.get("content").stringValue()))
            .as("seed %d", seed)
            .hasValue(token.get("id").intValue());
      }
    }
  }

  /** Special tokens are not read out of documents, whatever the model's own vocabulary holds. */
  @ParameterizedTest
  @MethodSource("tokenizers")
  void documentsHaveNoSpecialTokens(JsonNode one) throws IOException {
    JsonNode model = one.get("tokenizer").get("model");
    try (Tokenizer tokenizer = Tokenizers.load(write(one.get("tokenizer")))) {
      for (JsonNode token : one.get("tokenizer").get("added_tokens")) {
        String name = token.get("content").stringValue();
        boolean unknown =
            name.equals(model.path("unk_token").stringValue("")) || name.equals("<unk>");
        if (token.get("special").booleanValue() && !unknown) {
          assertThat(tokenizer.encode("a " + name + " b"))
              .as(name)
              .doesNotContain(token.get("id").intValue());
        }
      }
    }
  }
}
