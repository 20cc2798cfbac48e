package dev.culebra.test.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.culebra.data.token.ShardWriter;
import dev.culebra.data.token.TokenShards;
import dev.culebra.runtime.io.CheckpointStore;
import dev.culebra.runtime.io.Json;
import dev.culebra.runtime.io.MetricsLog;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.recipe.RunFolder;
import dev.culebra.train.recipe.RunInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Everything that says what a run does and did. */
final class RunParsers {
  private static final String RECIPE =
      """
      # A recipe.
      objective: clm
      model: {width: 32, layers: 2, "heads": 4, context: 16}
      data:
        path: "a.txt"
        field: >
          te
          xt
      model.epsilon: &e 1e-4
      model.tied: false
      """;

  private RunParsers() {}

  static List<Parser> all() {
    List<Parser> all = new ArrayList<>();
    all.add(
        new Parser(
            "recipe",
            Form.BYTES,
            "recipe.yaml",
            Recipe.OBJECTIVES.stream().map(name -> Recipe.text(name).getBytes(UTF_8)).toList(),
            folder -> Files.writeString(folder.resolve("recipe.yaml"), Recipe.text("clm")),
            folder -> use(Recipe.read(folder.resolve("recipe.yaml"))),
            1));
    all.add(
        new Parser(
            "recipe-of-many-forms",
            Form.BYTES,
            "recipe.yaml",
            List.of(),
            folder -> Files.writeString(folder.resolve("recipe.yaml"), RECIPE),
            folder -> use(Recipe.read(folder.resolve("recipe.yaml"))),
            1));
    all.add(
        new Parser(
            "run-json",
            Form.JSON,
            RunFolder.RUN,
            List.of(),
            folder ->
                new RunInfo(
                        RunInfo.VERSION,
                        "25",
                        "cpu",
                        1234,
                        10,
                        100,
                        "abc",
                        Json.MAPPER.valueToTree(Recipe.named("mlm").toMap()))
                    .write(folder),
            folder -> use(RunInfo.read(folder).recipe(folder)),
            1));
    all.add(
        new Parser(
            "checkpoint-json",
            Form.JSON,
            "checkpoints/step-5/checkpoint.json",
            List.of(),
            folder ->
                store(folder)
                    .save(
                        5,
                        sink -> {
                          for (String name : List.of("a.json", "b.json")) {
                            sink.write(name, Json.content(List.of(name)));
                          }
                        }),
            folder -> store(folder).newest(),
            1));
    all.add(
        new Parser(
            "metrics",
            Form.LINES,
            RunFolder.METRICS,
            List.of(),
            folder -> {
              StringBuilder lines = new StringBuilder();
              for (int step = 1; step < 6; step++) {
                lines.append("{\"step\":").append(step).append(",\"loss\":5.25,\"x\":\"NaN\"}\n");
              }
              Files.writeString(folder.resolve(RunFolder.METRICS), lines);
            },
            folder -> MetricsLog.resume(folder.resolve(RunFolder.METRICS), 3).close(),
            1));
    all.add(shards("token-shards", 300));
    all.add(shards("token-shards-wide", 70_000));
    return all;
  }

  private static void use(Recipe recipe) {
    recipe.schedule();
    recipe.adamW();
    recipe.deviceOptions();
    recipe.crossEntropy();
  }

  private static CheckpointStore store(Path folder) {
    return new CheckpointStore(folder.resolve("checkpoints"), 3, _ -> {});
  }

  private static Parser shards(String name, int vocabulary) {
    return new Parser(
        name,
        Form.SHARD,
        "tokens-00000.bin",
        List.of(),
        folder -> {
          try (ShardWriter writer = new ShardWriter(folder, vocabulary, 0, 20)) {
            for (int document = 1; document < 9; document++) {
              writer.add(new int[] {document, vocabulary - 1, 7, document});
            }
            writer.finish().close();
          }
        },
        folder -> {
          try (TokenShards shards = TokenShards.open(folder)) {
            shards.fingerprint();
            for (long i = 0; i < Math.min(20, shards.documents()); i++) {
              shards.documentEnd(i);
            }
            int count = (int) Math.min(50, shards.tokens());
            shards.verify();
            shards.copy(0, new int[count], 0, count);
          }
        },
        1);
  }
}
