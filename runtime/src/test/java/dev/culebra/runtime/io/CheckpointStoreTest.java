package dev.culebra.runtime.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.runtime.BadInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointStoreTest {
  @TempDir Path run;
  private Path folder;
  private final List<String> warnings = new ArrayList<>();
  private CheckpointStore store;

  @BeforeEach
  void open() {
    folder = run.resolve("checkpoints");
    store = new CheckpointStore(folder, 2, warnings::add);
  }

  private static CheckpointStore.Contents state(String text) {
    return sink -> {
      sink.write("model.bin", Content.text("model " + text));
      sink.write("state.json", Json.content(List.of(text)));
    };
  }

  private long newestStep() {
    return store.newest().orElseThrow().step();
  }

  private List<String> entries() throws IOException {
    return DurableFiles.list(folder).stream()
        .map(p -> p.getFileName().toString())
        .sorted()
        .toList();
  }

  @Test
  void findsTheNewestAndKeepsTheGivenNumber() throws IOException {
    assertThat(store.newest()).isEmpty();
    for (long step : new long[] {0, 9, 10, 100}) {
      CheckpointStore.Checkpoint saved = store.save(step, state("at " + step));
      assertThat(store.newest()).contains(saved);
      assertThat(saved.folder().resolve("model.bin")).hasContent("model at " + step);
    }
    assertThat(entries()).containsExactly("step-10", "step-100");
    assertThat(warnings).isEmpty();
  }

  @Test
  void saysWhatIsInACheckpoint() throws IOException {
    store.save(7, sink -> sink.write("a.txt", Content.text("123456789")));
    assertThat(folder.resolve("step-7/checkpoint.json"))
        .hasContent(
            """
            {
              "format" : 1,
              "step" : 7,
              "files" : {
                "a.txt" : {
                  "bytes" : 9,
                  "crc32c" : "e3069283"
                }
              }
            }
            """);
  }

  @Test
  void writesAndSyncsInTheOrderThatSurvivesAPowerCut() throws IOException {
    LoggingDisk disk = new LoggingDisk(run);
    CheckpointStore logged = new CheckpointStore(disk, folder, 1, warnings::add);
    logged.save(1, sink -> sink.write("a", Content.text("1")));
    assertThat(disk.log())
        .containsExactly(
            "createFolder checkpoints",
            "syncFolder .",
            "createFolder checkpoints/.tmp-step-1",
            "create checkpoints/.tmp-step-1/a",
            "write",
            "sync",
            "create checkpoints/.tmp-step-1/checkpoint.json",
            "write",
            "write",
            "sync",
            "syncFolder checkpoints/.tmp-step-1",
            "move checkpoints/.tmp-step-1 to checkpoints/step-1",
            "syncFolder checkpoints");
  }

  /** What can happen to a checkpoint, and what the warning says. */
  record Damage(String complaint, Act act) {
    interface Act {
      void on(Path checkpoint) throws IOException;
    }

    @Override
    public String toString() {
      return complaint;
    }
  }

  static Stream<Damage> damages() {
    return Stream.of(
        new Damage("model.bin is missing", c -> Files.delete(c.resolve("model.bin"))),
        new Damage("checkpoint.json is missing", c -> Files.delete(c.resolve("checkpoint.json"))),
        new Damage("model.bin has 3 bytes, not 8", c -> write(c, "model.bin", "mod")),
        new Damage("model.bin has the checksum ", c -> write(c, "model.bin", "model 2?")),
        new Damage("checkpoint.json is damaged", c -> write(c, "checkpoint.json", "{\"format\":1")),
        new Damage("checkpoint.json is damaged", c -> write(c, "checkpoint.json", "null")),
        new Damage(
            "it has format 2, and this program reads 1",
            c -> write(c, "checkpoint.json", "{\"format\":2,\"step\":20,\"files\":{}}")),
        new Damage(
            "its checkpoint.json is of another step or without files",
            c -> write(c, "checkpoint.json", "{\"format\":1,\"step\":21,\"files\":{}}")),
        new Damage(
            "its checkpoint.json is of another step or without files",
            c -> write(c, "checkpoint.json", "{\"format\":1,\"step\":20,\"files\":null}")),
        new Damage(
            "lists the impossible file model.bin",
            c ->
                write(
                    c,
                    "checkpoint.json",
                    "{\"format\":1,\"step\":20,\"files\":{\"model.bin\":null}}")),
        new Damage(
            "lists the impossible file ../step-10/model.bin",
            c ->
                write(
                    c,
                    "checkpoint.json",
                    "{\"format\":1,\"step\":20,\"files\":"
                        + "{\"../step-10/model.bin\":{\"bytes\":8,\"crc32c\":\"00000000\"}}}")));
  }

  private static void write(Path folder, String name, String text) throws IOException {
    Files.writeString(folder.resolve(name), text);
  }

  @ParameterizedTest
  @MethodSource("damages")
  void passesOverADamagedOneAndSaysSo(Damage damage) throws IOException {
    store.save(10, state("10"));
    store.save(20, state("20"));
    damage.act().on(store.folderOf(20));
    assertThat(newestStep()).isEqualTo(10);
    assertThat(warnings).hasSize(1);
    assertThat(warnings.getFirst())
        .startsWith("Checkpoint " + store.folderOf(20) + " is damaged: ")
        .contains(damage.complaint())
        .endsWith("; step-10 is used instead.");
    // The resumed run saves the same step again, and all is well.
    store.save(20, state("new"));
    assertThat(newestStep()).isEqualTo(20);
    // Without a list, what is there may be anybody's.
    assertThat(entries())
        .filteredOn(name -> !name.equals("step-20.other"))
        .containsExactly("step-10", "step-20");
    assertThat(entries().contains("step-20.other"))
        .isEqualTo(damage.complaint().equals("checkpoint.json is missing"));
  }

  @Test
  void keepsWhatItDidNotWrite() throws IOException {
    List<Path> others = new ArrayList<>();
    for (String name : List.of("step-1", "step-2", "step-30", ".aside-step-3", ".tmp-mine")) {
      Path other = Files.createDirectories(folder.resolve(name)).resolve("thesis.tex");
      others.add(Files.writeString(other, "mine"));
    }
    store.save(10, state("10"));
    others.add(Files.writeString(store.folderOf(10).resolve("thesis.tex"), "mine"));
    store.recover();
    for (long step : new long[] {20, 30, 40}) {
      store.save(step, state("at " + step));
    }
    assertThat(entries())
        .containsExactly(
            ".tmp-mine",
            "step-1",
            "step-10",
            "step-2",
            "step-3",
            "step-30",
            "step-30.other",
            "step-40");
    for (Path other : others) {
      Path moved =
          Path.of(
              other
                  .toString()
                  .replace("step-30", "step-30.other")
                  .replace(".aside-step-3", "step-3"));
      assertThat(moved).hasContent("mine");
    }
    assertThat(warnings)
        .containsExactly(
            folder.resolve("step-30")
                + " held other files than those of a checkpoint: they are kept as step-30.other.");
    assertThat(newestStep()).isEqualTo(40);
  }

  @Test
  void refusesToGoOnFromNothing() throws IOException {
    store.save(10, state("10"));
    Files.delete(store.folderOf(10).resolve("model.bin"));
    assertThatThrownBy(() -> store.newest())
        .isInstanceOf(BadInputException.class)
        .hasMessage(
            "No checkpoint in %s is complete (Checkpoint %s is damaged: model.bin is missing);"
                + " start anew in another folder.",
            folder, store.folderOf(10));
  }

  @Test
  void damagedOnesDoNotTakeTheRoomOfCompleteOnes() throws IOException {
    store.save(10, state("10"));
    store.save(20, state("20"));
    Files.delete(store.folderOf(20).resolve("model.bin"));
    store.save(30, state("30"));
    assertThat(entries()).containsExactly("step-10", "step-30");
  }

  @Test
  void ignoresWhatIsNoCheckpointAndCleansUpAfterKilledWriters() throws IOException {
    store.save(10, state("10"));
    Files.createDirectories(folder.resolve(".tmp-step-30-ab"));
    Files.createDirectories(folder.resolve("step-040"));
    Files.createDirectories(folder.resolve("step-9999999999999999999"));
    Files.createFile(folder.resolve("step-50"));
    assertThat(newestStep()).isEqualTo(10);
    store.recover();
    assertThat(entries())
        .containsExactly("step-040", "step-10", "step-50", "step-9999999999999999999");
    assertThat(warnings).isEmpty();
  }

  @Test
  void recoversFromAKillBetweenTheTwoRenamesOfAReplacement() throws IOException {
    store.save(10, state("old"));
    Files.move(store.folderOf(10), folder.resolve(".aside-step-10"));
    assertThat(store.newest()).isEmpty();
    store.recover();
    assertThat(store.newest().orElseThrow().folder().resolve("model.bin")).hasContent("model old");
    Files.createDirectories(folder.resolve(".aside-step-10"));
    store.recover();
    assertThat(entries()).containsExactly("step-10");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".hidden", "a/b", "checkpoint.json", "twice"})
  void refusesNames(String name) throws IOException {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                store.save(
                    1,
                    sink -> {
                      sink.write("twice", Content.text("1"));
                      sink.write(name, Content.text("2"));
                    }));
    assertThat(entries()).isEmpty();
    assertThatIllegalArgumentException().isThrownBy(() -> store.save(-1, state("")));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new CheckpointStore(folder, 0, warnings::add));
  }
}
