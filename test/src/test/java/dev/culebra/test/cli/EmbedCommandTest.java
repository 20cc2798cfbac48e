package dev.culebra.test.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code culebra embed} on folders of sentence-transformers, which made the embeddings of {@code
 * golden/sentence/cases.json}.
 */
final class EmbedCommandTest {

  @TempDir Path temporary;

  private static Path golden() throws URISyntaxException {
    var cases = EmbedCommandTest.class.getResource("/golden/sentence/cases.json");
    return Path.of(Objects.requireNonNull(cases).toURI()).getParent();
  }

  private static JsonNode cases() throws IOException, URISyntaxException {
    return JsonMapper.shared().readTree(Files.readString(golden().resolve("cases.json")));
  }

  /** A copy of a folder in which some files are replaced. */
  private Path folder(String base, JsonNode files) throws IOException, URISyntaxException {
    Path copy = Files.createTempDirectory(temporary, "folder");
    Path from = golden().resolve(base);
    try (Stream<Path> all = Files.walk(from)) {
      for (Path one : (Iterable<Path>) all.filter(Files::isRegularFile)::iterator) {
        Path to = copy.resolve(from.relativize(one).toString());
        Files.createDirectories(to.getParent());
        Files.copy(one, to);
      }
    }
    for (Map.Entry<String, JsonNode> file : files.properties()) {
      Files.writeString(copy.resolve(file.getKey()), file.getValue().toString());
    }
    return copy;
  }

  private Path bert() throws IOException, URISyntaxException {
    return folder("bert", JsonMapper.shared().createObjectNode());
  }

  private static Outcome embed(Path folder, String... more) {
    List<String> all = new ArrayList<>(List.of("embed", folder.toString(), "--device", "cpu"));
    all.addAll(List.of(more));
    return Outcome.of(all.toArray(String[]::new));
  }

  @TestFactory
  Stream<DynamicTest> embedsAsSentenceTransformersDoes() throws Exception {
    JsonNode root = cases();
    Path lines = temporary.resolve("lines.txt");
    List<String> texts = new ArrayList<>();
    root.get("texts").forEach(text -> texts.add(text.stringValue()));
    return StreamSupport.stream(root.get("cases").spliterator(), false)
        .map(
            one ->
                DynamicTest.dynamicTest(
                    one.get("name").stringValue(),
                    () -> {
                      Files.write(lines, texts);
                      check(one, lines, texts);
                    }));
  }

  private void check(JsonNode one, Path lines, List<String> texts) throws Exception {
    Path folder = folder(one.get("folder").stringValue(), one.get("files"));
    List<String> options = new ArrayList<>(List.of("--data", lines.toString()));
    switch (one.get("how").stringValue()) {
      case "encode_query" -> options.addAll(List.of("--as", "query"));
      case "encode_document" -> options.addAll(List.of("--as", "document"));
      default -> {}
    }
    Outcome embedded = embed(folder, options.toArray(String[]::new));
    assertThat(embedded.code()).as(embedded.err()).isZero();
    List<String> rows = embedded.out().lines().toList();
    assertThat(rows).hasSize(texts.size());
    for (int i = 0; i < rows.size(); i++) {
      JsonNode row = JsonMapper.shared().readTree(rows.get(i));
      assertThat(row.get("text").stringValue()).isEqualTo(texts.get(i));
      JsonNode expected = one.get("embeddings").get(i);
      assertThat(row.get("embedding").size()).isEqualTo(expected.size());
      for (int j = 0; j < expected.size(); j++) {
        assertThat(row.get("embedding").get(j).doubleValue())
            .as("%s, value %d", texts.get(i), j)
            .isCloseTo(expected.get(j).doubleValue(), within(1e-5));
      }
    }
  }

  @Test
  void writesAnArrayForNumPy() throws Exception {
    Path out = temporary.resolve("embeddings.npy");
    Outcome done = embed(bert(), "--out", out.toString(), "--json", "a ship", "a red whale");
    assertThat(done.code()).as(done.err()).isZero();
    assertThat(JsonMapper.shared().readTree(done.out()).get("texts").intValue()).isEqualTo(2);
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(out)).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(bytes.get(0)).isEqualTo((byte) 0x93);
    assertThat(bytes.getShort(6)).isEqualTo((short) 1);
    int header = bytes.getShort(8);
    assertThat((10 + header) % 64).isZero();
    assertThat(new String(bytes.array(), 10, header, StandardCharsets.US_ASCII))
        .startsWith("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 12), }")
        .endsWith("\n");
    assertThat(bytes.capacity()).isEqualTo(10 + header + 2 * 12 * Float.BYTES);
    String first = embed(bert(), "a ship").out().lines().findFirst().orElseThrow();
    JsonNode expected = JsonMapper.shared().readTree(first).get("embedding");
    for (int j = 0; j < 12; j++) {
      assertThat(bytes.getFloat(10 + header + j * Float.BYTES))
          .isCloseTo(expected.get(j).floatValue(), within(1e-6f));
    }
  }

  @Test
  void normalizesOnRequest() throws Exception {
    JsonNode files =
        JsonMapper.shared()
            .readTree(
                """
                {"modules.json": [{"type": "sentence_transformers.models.Transformer"},
                 {"type": "sentence_transformers.models.Pooling", "path": "1_Pooling"}]}
                """);
    Path plain = folder("bert", files);
    assertThat(length(embed(plain, "a ship"))).isNotCloseTo(1, within(1e-3));
    assertThat(length(embed(plain, "--normalize", "a ship"))).isCloseTo(1, within(1e-6));
  }

  @Test
  void evaluatesByCosineWhereTheFolderDoesNotNormalise() throws Exception {
    Path pairs = temporary.resolve("pairs.jsonl");
    Files.writeString(
        pairs,
        """
        {"source": "a red whale", "target": "a red whale"}
        {"source": "ship", "target": "ship"}
        {"source": "the far horizon beyond", "target": "the far horizon beyond"}
        """);
    Path plain =
        folder(
            "bert",
            JsonMapper.shared()
                .readTree(
                    """
                    {"modules.json": [{"type": "sentence_transformers.models.Transformer"},
                     {"type": "sentence_transformers.models.Pooling", "path": "1_Pooling"}]}
                    """));
    String recall = evaluated(bert(), pairs);
    assertThat(recall).contains("recall");
    assertThat(evaluated(plain, pairs)).isEqualTo(recall);
    Files.delete(plain.resolve("modules.json"));
    Path text = Files.writeString(temporary.resolve("text.txt"), "a red whale");
    Outcome tokens =
        Outcome.of(
            "evaluate", plain.toString(), "--data", text.toString(), "--device", "cpu", "--json");
    assertThat(tokens.code()).isEqualTo(2);
    assertThat(tokens.complaint()).contains("no head for tokens");
  }

  private static String evaluated(Path model, Path pairs) {
    Outcome outcome =
        Outcome.of(
            "evaluate", model.toString(), "--data", pairs.toString(), "--device", "cpu", "--json");
    assertThat(outcome.code()).as(outcome.err()).isZero();
    return outcome.out();
  }

  private static double length(Outcome embedded) {
    double sum = 0;
    for (JsonNode value : JsonMapper.shared().readTree(embedded.out()).get("embedding")) {
      sum += value.doubleValue() * value.doubleValue();
    }
    return Math.sqrt(sum);
  }

  @Test
  void embedsAColumnOfPairs() throws Exception {
    Path pairs = Files.writeString(temporary.resolve("pairs.tsv"), "a ship\tthe sea\na\tb\n");
    Outcome target = embed(bert(), "--data", pairs.toString(), "--column", "target");
    assertThat(target.out().lines())
        .extracting(line -> JsonMapper.shared().readTree(line).get("text").stringValue())
        .containsExactly("the sea", "b");
    Path lines = Files.writeString(temporary.resolve("rows.jsonl"), "{\"body\": \"a whale\"}\n");
    Outcome body = embed(bert(), "--data", lines.toString(), "--column", "body");
    assertThat(body.code()).as(body.err()).isZero();
    assertThat(body.out()).contains("a whale").hasLineCount(1);
  }

  @Test
  void evaluatesAllTextsBeforeItEmbedsAny() throws Exception {
    String rows = "a whale\n".repeat(100);
    Path good = Files.writeString(temporary.resolve("good.txt"), rows);
    Outcome embedded = Outcome.of("embed", bert().toString(), "--data", good.toString());
    assertThat(embedded.out()).hasLineCount(100);
    assertThat(embedded.err()).startsWith("device ").hasLineCount(1);
    Path bad = Files.writeString(temporary.resolve("bad.txt"), rows + "\n");
    Outcome refused = Outcome.of("embed", bert().toString(), "--data", bad.toString());
    assertThat(refused.complaint()).contains("bad.txt, text 101: ");
    assertThat(refused.out()).isEmpty();
    assertThat(refused.err()).doesNotContain("device ");
  }

  @Test
  void embedsAColumnOfATable() throws Exception {
    Path rows =
        Files.writeString(temporary.resolve("a.csv"), "id,body\r\n7,\"a whale,\r\na ship\"\r\n");
    Outcome body = embed(bert(), "--data", rows.toString(), "--column", "body");
    assertThat(body.code()).as(body.err()).isZero();
    assertThat(JsonMapper.shared().readTree(body.out()).get("text").stringValue())
        .isEqualTo("a whale,\r\na ship");
    assertThat(embed(bert(), "--data", rows.toString(), "--column", "text").complaint())
        .contains("a.csv:1 is a header of id, body: there is no column text");
  }

  @Test
  void saysWhatIsWrongAndLeavesNothing() throws Exception {
    Path bert = bert();
    Path user = Files.writeString(temporary.resolve("mine.npy"), "mine");
    assertThat(embed(bert, "--out", user.toString(), "a").complaint()).contains("exists already");
    assertThat(user).hasContent("mine");
    Path text = temporary.resolve("a.txt");
    assertThat(embed(bert, "--out", text.toString(), "a").complaint()).contains(".npy or .jsonl");
    assertThat(embed(bert).complaint()).contains("no text to embed");
    assertThat(embed(bert, "--json", "a").complaint()).contains("--out");
    assertThat(embed(bert, "--prompt", "find", "a").complaint())
        .contains("no prompt find", "query");
    assertThat(embed(bert, "--data", temporary.resolve("none.txt").toString()).complaint())
        .contains("none.txt");
    assertThat(embed(temporary, "a").complaint()).contains("config.json");
  }

  @Test
  void trainingGoesOnAsTheFolderPools() throws Exception {
    Path start =
        folder(
            "bert",
            JsonMapper.shared()
                .readTree(
                    """
                    {"1_Pooling/config.json": {"pooling_mode": "cls"},
                     "config_sentence_transformers.json": {"prompts": {"query": "find: "}},
                     "sentence_bert_config.json": {"max_seq_length": 9}}
                    """));
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      rows.append("ship ").append(i).append("\tsea ").append(i).append('\n');
    }
    Path pairs = Files.writeString(temporary.resolve("train.tsv"), rows);
    for (String towers : List.of("shared", "two")) {
      Path run = temporary.resolve(towers);
      Outcome trained =
          Outcome.of(
              "train",
              "contrastive",
              "--data",
              pairs.toString(),
              "--out",
              run.toString(),
              "--steps",
              "1",
              "--device",
              "cpu",
              "--set",
              "batch.sequences=4",
              "--set",
              "model.towers=" + towers,
              "--set",
              "optimizer.learningRate=1e-12",
              "--set",
              "model.from=" + start);
      assertThat(trained.code()).as(trained.err()).isZero();
      assertThat(trained.err() + trained.out()).contains("model.from puts prompts before texts");
      String text = "ship ahoy, ship ahoy";
      assertThat(values(embed(run, "--as", "document", text)))
          .usingComparatorWithPrecision(1e-5)
          .containsExactly(values(embed(start, "--as", "document", text)));
    }
    Files.writeString(start.resolve("sentence_bert_config.json"), "{\"do_lower_case\": true}");
    Outcome refused =
        Outcome.of(
            "train",
            "contrastive",
            "--data",
            pairs.toString(),
            "--out",
            temporary.resolve("none").toString(),
            "--device",
            "cpu",
            "--set",
            "batch.sequences=4",
            "--set",
            "model.from=" + start);
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.complaint()).contains("do_lower_case");
  }

  private static double[] values(Outcome embedded) {
    assertThat(embedded.code()).as(embedded.err()).isZero();
    return JsonMapper.shared()
        .readTree(embedded.out())
        .get("embedding")
        .valueStream()
        .mapToDouble(JsonNode::doubleValue)
        .toArray();
  }

  @Test
  void searchesByTheFolder() throws Exception {
    Path lines = Files.writeString(temporary.resolve("l.txt"), "the sea\na red whale\nship\n");
    Outcome found =
        Outcome.of(
            "search",
            bert().toString(),
            "a red whale",
            "--data",
            lines.toString(),
            "--device",
            "cpu");
    assertThat(found.code()).as(found.err()).isZero();
    assertThat(found.out().lines()).hasSize(3).first().asString().contains("1.000", "a red whale");
  }
}
