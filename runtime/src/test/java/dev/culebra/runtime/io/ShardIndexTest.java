package dev.culebra.runtime.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.runtime.BadInputException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Shards and their index, as transformers writes and reads them. */
final class ShardIndexTest {

  private static final String INDEX = "model.safetensors.index.json";
  private static final String FIRST = "model-00001-of-00002.safetensors";
  private static final String SECOND = "model-00002-of-00002.safetensors";

  @TempDir Path folder;

  private static SafetensorsWriter tensors(int... lengths) {
    SafetensorsWriter writer = new SafetensorsWriter();
    for (int i = 0; i < lengths.length; i++) {
      float[] values = new float[lengths[i]];
      java.util.Arrays.fill(values, i);
      writer.add(
          new TensorSpec("t" + i, StoredType.F32, lengths[i]), MemorySegment.ofArray(values));
    }
    return writer;
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private void write(int most, int... lengths) throws IOException {
    ShardIndex.write(folder.resolve("model.safetensors"), tensors(lengths), most);
  }

  @Test
  void partsTensorsAndReadsThemBack() throws IOException {
    write(24, 4, 2, 9, 3); // 16 and 8 bytes fit together; 36 are too many, and stand alone
    assertThat(files())
        .containsExactly(
            "model-00001-of-00003.safetensors",
            "model-00002-of-00003.safetensors",
            "model-00003-of-00003.safetensors",
            INDEX);
    String index = Files.readString(folder.resolve(INDEX));
    assertThat(index)
        .contains("\"total_size\" : 72")
        .contains("\"t2\" : \"model-00002-of-00003.safetensors\"");
    try (StoredTensors read = StoredTensors.open(folder.resolve(INDEX))) {
      assertThat(read.names()).containsExactly("t0", "t1", "t2", "t3");
      float[] values = new float[9];
      read.readFloats("t2", MemorySegment.ofArray(values));
      assertThat(values).containsOnly(2);
      assertThat(read.described("t3"))
          .isEqualTo(
              folder.resolve("model-00003-of-00003.safetensors") + ": tensor \"t3\" F32 [3]");
    }
  }

  @Test
  void writesOneFileWhereTensorsFitAndLeavesNoOtherToBeReadInItsPlace() throws IOException {
    write(24, 4, 4);
    assertThat(files()).containsExactly(FIRST, SECOND, INDEX);
    write(32, 4, 4);
    assertThat(files()).contains("model.safetensors").doesNotContain(INDEX);
    write(24, 4, 4);
    assertThat(files()).containsExactly(FIRST, SECOND, INDEX);
  }

  @Test
  void deletesTheShardsOfAnEarlierSaveAndNoOtherFile() throws IOException {
    String other = "model-00001-of-00009.safetensors";
    Files.writeString(folder.resolve(other), "mine");
    write(24, 4, 4, 4);
    assertThat(files()).contains("model-00003-of-00003.safetensors");
    write(24, 4, 4);
    assertThat(files()).containsExactlyInAnyOrder(other, FIRST, SECOND, INDEX);
    Files.writeString(
        folder.resolve(INDEX), "{\"weight_map\": {\"t0\": \"" + other + ".txt\", \"t1\": \"a\"}}");
    Files.writeString(folder.resolve("a"), "mine");
    write(99, 4, 4);
    assertThat(files()).containsExactlyInAnyOrder(other, "a", FIRST, SECOND, "model.safetensors");
  }

  /** A shard of an earlier save is never replaced, so its index always fits it. */
  @Test
  void givesShardsOfTheNextSaveOtherNames() throws IOException {
    write(24, 4, 4);
    Files.writeString(folder.resolve("model-2-00001-of-00002.safetensors"), "of a killed save");
    write(24, 4, 4);
    assertThat(files())
        .containsExactly(
            "model-2-00001-of-00002.safetensors", "model-2-00002-of-00002.safetensors", INDEX);
    write(24, 4, 4);
    assertThat(files()).containsExactly(FIRST, SECOND, INDEX);
  }

  @Test
  void writesNoTensorsAtAll() throws IOException {
    write(24);
    assertThat(files()).containsExactly("model.safetensors");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}                                           | weight_map should say for each tensor",
        "[1]                                          | must hold a JSON object",
        "{'weight_map': {}}                           | weight_map should say for each tensor",
        "{'weight_map': [1]}                          | weight_map should say for each tensor",
        "{'weight_map': {'t0': 3}}                    | names 3 for tensor \"t0\"",
        "{'weight_map': {'t0': '../x.safetensors'}}   | a file beside the index is needed",
        "{'weight_map': {'t0': '/tmp/x.safetensors'}} | a file beside the index is needed",
        "{'weight_map': {'t0': 'C:\\\\x.safetensors'}} | a file beside the index is needed",
        "{'weight_map': {'t0': 'sub/x.safetensors'}}  | a file beside the index is needed",
        "{'weight_map': {'t0': 'x.bin'}}              | whose name ends with .safetensors",
        "{'weight_map': {'t0': 'x.safetensors'}}      | there is no such file beside it",
        "{'weight_map': {'t0': 'FIRST'}}              | does not name it",
        "{'weight_map': {'t0': 'FIRST', 't1': 'SECOND', 't2': 'SECOND'}}"
            + "                                         | says that tensor \"t2\" lies in",
        "{'weight_map': {'t0': 'SECOND', 't1': 'FIRST'}} | says that it lies in",
      })
  void refusesAnIndexThatDoesNotFit(String json, String complaint) throws IOException {
    write(24, 4, 4);
    Path index = folder.resolve(INDEX);
    Files.writeString(
        index, json.replace('\'', '"').replace("FIRST", FIRST).replace("SECOND", SECOND));
    boolean one = json.contains("FIRST") && !json.contains("SECOND");
    if (one) { // a shard with one tensor too many
      ShardIndex.write(folder.resolve("model.safetensors"), tensors(4, 4), 99);
      Files.move(
          folder.resolve("model.safetensors"),
          folder.resolve(FIRST),
          java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      Files.writeString(index, "{\"weight_map\": {\"t0\": \"" + FIRST + "\"}}");
    }
    assertThatThrownBy(() -> StoredTensors.open(index).close())
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(INDEX)
        .hasMessageContaining(complaint);
  }

  @Test
  void refusesOneNameForTwoTensors() throws IOException {
    write(99, 4, 4);
    Path file = folder.resolve("model.safetensors");
    try (StoredTensors tensors = StoredTensors.open(file)) {
      assertThatThrownBy(() -> tensors.renamed(name -> "same"))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("holds t1, which is the same one");
      assertThat(
              tensors
                  .renamed(name -> name + "x")
                  .data("t1x")
                  .get(ValueLayout.JAVA_FLOAT_UNALIGNED, 0))
          .isEqualTo(1);
    }
    Path other = folder.resolve("other.safetensors");
    Files.copy(file, other);
    assertThatThrownBy(() -> StoredTensors.open(file, other).close())
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(other.toString());
  }
}
