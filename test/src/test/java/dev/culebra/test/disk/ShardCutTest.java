package dev.culebra.test.disk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.runtime.io.SafetensorsWriter;
import dev.culebra.runtime.io.ShardIndex;
import dev.culebra.runtime.io.StoredTensors;
import dev.culebra.runtime.io.StoredType;
import dev.culebra.runtime.io.TensorSpec;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A kill or a power cut at any moment while weights replace others, in shards or in one file: the
 * folder holds all of the old or all of the new ones.
 */
final class ShardCutTest {

  private static final String PLACE = "model.safetensors";
  private static final int TENSORS = 4;

  /** The most bytes in a file: of four tensors of 16 bytes, in one, two and four files. */
  private static final long[] MOST = {64, 32, 16};

  @TempDir Path temporary;

  private static SafetensorsWriter weights(int save) {
    SafetensorsWriter writer = new SafetensorsWriter();
    for (int i = 0; i < TENSORS; i++) {
      float[] values = new float[4];
      Arrays.fill(values, save);
      writer.add(
          new TensorSpec("t" + i, StoredType.F32, values.length), MemorySegment.ofArray(values));
    }
    return writer;
  }

  /** The save of each tensor, as a reader of the folder finds them. */
  private static Set<Integer> saves(Path folder) {
    Path single = folder.resolve(PLACE);
    Path index = folder.resolve(PLACE + ShardIndex.SUFFIX);
    Set<Integer> saves = new HashSet<>();
    try (StoredTensors read = StoredTensors.open(Files.exists(single) ? single : index)) {
      assertThat(read.names()).hasSize(TENSORS);
      for (String name : read.names()) {
        float[] values = new float[4];
        read.readFloats(name, MemorySegment.ofArray(values));
        for (float value : values) {
          saves.add((int) value);
        }
      }
    }
    return saves;
  }

  @Test
  void theWeightsAreThoseOfOneSave() throws IOException {
    int states = 0;
    for (long before : MOST) {
      for (long after : MOST) {
        states += replaced(before, after);
      }
    }
    System.out.printf("ShardCutTest: %d states%n", states);
  }

  private int replaced(long before, long after) throws IOException {
    String pair = before + "-" + after;
    Path root = Files.createDirectories(temporary.resolve("disk-" + pair)).toRealPath();
    CrashDisk disk = new CrashDisk(root);
    Path place = CrashFileSystem.path(disk, root).resolve(PLACE);
    ShardIndex.write(place, weights(1), before);
    disk.watch();
    ShardIndex.write(place, weights(2), after);
    ShardIndex.write(place, weights(3), before);
    List<CrashDisk.State> states = disk.states();
    assertThat(states).hasSizeGreaterThan(5);
    Set<Integer> seen = new HashSet<>();
    for (int i = 0; i < states.size(); i++) {
      Path cut = Files.createDirectories(temporary.resolve(pair + "-" + i));
      states.get(i).write(cut);
      Set<Integer> saves = saves(cut);
      assertThat(saves).as("%s: %s", pair, states.get(i).moment()).hasSize(1);
      seen.addAll(saves);
      // The next save replaces whatever was left, also the rest of a save that was cut.
      ShardIndex.write(cut.resolve(PLACE), weights(4), after);
      assertThat(saves(cut)).as("%s: %s", pair, states.get(i).moment()).containsExactly(4);
    }
    assertThat(seen).containsExactlyInAnyOrder(1, 2, 3);
    return states.size();
  }
}
