package dev.culebra.test.parity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.models.ModelFolder;
import dev.culebra.models.nn.Model;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.Notes;
import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.io.Json;
import dev.culebra.runtime.io.ShardIndex;
import dev.culebra.runtime.io.StoredType;
import dev.culebra.test.parity.WeightFolderTest.Tensor;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.node.ObjectNode;

/**
 * Every kind of mismatch between a model and its weight files, in every family: one sentence says
 * which tensor, what was expected and what is there.
 */
final class WeightFaultsTest {

  private static final List<String> FAMILIES =
      List.of(
          "gpt2",
          "llama",
          "bert",
          "t5",
          "t5-first",
          "bart",
          "bart-untied",
          "vit-bert",
          "dit",
          "config/electra-wide",
          "config/clip-no-end");

  @TempDir Path folder;

  /** A sound folder, and the tensor that goes wrong. */
  private record Victim(Path folder, String file, Map<String, Tensor> tensors, String name) {
    Tensor tensor() {
      return tensors.get(name);
    }

    String shape() {
      return Arrays.toString(tensor().shape());
    }

    void write() throws IOException {
      WeightFolderTest.file(tensors).write(folder.resolve(file));
    }

    /** Two shards and an index in place of the one file. */
    List<Path> shards() throws IOException {
      Path place = folder.resolve(file);
      long bytes = tensors.values().stream().mapToLong(tensor -> tensor.bytes().length).sum();
      ShardIndex.write(place, WeightFolderTest.file(tensors), bytes * 2 / 3);
      try (Stream<Path> files = Files.list(folder)) {
        return files.filter(path -> path.toString().contains("-of-")).sorted().toList();
      }
    }

    /** The first value becomes another. */
    void poison(float value) throws IOException {
      byte[] bytes = tensor().bytes().clone();
      ByteBuffer out = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      if (tensor().type() == StoredType.F32) {
        out.putFloat(0, value);
      } else {
        out.putShort(0, (short) (Float.floatToRawIntBits(value) >>> 16));
      }
      tensors.put(name, new Tensor(tensor().type(), tensor().shape(), bytes));
      write();
    }
  }

  /** A kind of mismatch. */
  private interface Fault {
    /** Makes it, and returns what the sentence must say. */
    List<String> in(Victim victim) throws IOException;
  }

  private enum Kind {
    MISSING(
        victim -> {
          List<String> said = List.of("has no tensor \"" + victim.name, victim.shape(), "needs");
          victim.tensors.remove(victim.name);
          victim.write();
          return said;
        }),
    TOO_MANY(
        victim -> {
          victim.tensors.put("adapter.weight", victim.tensor());
          victim.write();
          return List.of(
              "tensor \"adapter.weight\" " + victim.tensor().type() + " " + victim.shape(),
              "is not of this model");
        }),
    ANOTHER_SHAPE(
        victim -> {
          String wanted = victim.shape();
          Tensor right = victim.tensor();
          long[] shape = right.shape().clone();
          shape[0] *= 2;
          byte[] bytes = Arrays.copyOf(right.bytes(), 2 * right.bytes().length);
          victim.tensors.put(victim.name, new Tensor(right.type(), shape, bytes));
          victim.write();
          return List.of(
              "tensor \"" + victim.name, Arrays.toString(shape), "this model needs, " + wanted);
        }),
    TRANSPOSED(
        victim -> {
          String wanted = victim.shape();
          Tensor right = victim.tensor();
          long[] shape = {right.shape()[1], right.shape()[0]};
          victim.tensors.put(victim.name, new Tensor(right.type(), shape, right.bytes()));
          victim.write();
          return List.of(
              "tensor \"" + victim.name, Arrays.toString(shape), "this model needs, " + wanted);
        }),
    INTEGERS(
        victim -> {
          Tensor right = victim.tensor();
          int size = right.type() == StoredType.F32 ? 4 : 2;
          byte[] bytes = new byte[right.bytes().length / size * 8];
          victim.tensors.put(victim.name, new Tensor(StoredType.I64, right.shape(), bytes));
          victim.write();
          return List.of(
              "tensor \"" + victim.name + "\" I64 " + victim.shape(),
              "holds no floating-point numbers: F32, F16, BF16 and F64 are read");
        }),
    TRUNCATED(
        victim -> {
          Path file = victim.folder.resolve(victim.file);
          victim.write();
          byte[] bytes = Files.readAllBytes(file);
          Files.write(file, Arrays.copyOf(bytes, bytes.length - 5));
          return List.of(victim.file + " is not a usable safetensors file", "bytes");
        }),
    TRUNCATED_SHARD(
        victim -> {
          Path shard = victim.shards().getFirst();
          byte[] bytes = Files.readAllBytes(shard);
          Files.write(shard, Arrays.copyOf(bytes, bytes.length - 5));
          return List.of(shard.getFileName() + " is not a usable safetensors file", "bytes");
        }),
    A_SHARD_IS_MISSING(
        victim -> {
          Path shard = victim.shards().getLast();
          Files.delete(shard);
          return List.of("names the shard " + shard.getFileName(), "no such file", "fetch it");
        }),
    THE_INDEX_NAMES_TOO_MUCH(
        victim -> {
          Path shard = victim.shards().getFirst();
          Path index = victim.folder.resolve(victim.file + ShardIndex.SUFFIX);
          ObjectNode root = (ObjectNode) Json.read(index);
          ((ObjectNode) root.get("weight_map"))
              .put("adapter.weight", shard.getFileName().toString());
          Files.writeString(index, root.toString());
          return List.of(
              "says that tensor \"adapter.weight\" lies in " + shard.getFileName(),
              "but it does not");
        }),
    TWO_SHARDS_HOLD_ONE_TENSOR(
        victim -> {
          List<Path> shards = victim.shards();
          Map<String, Tensor> first = WeightFolderTest.tensors(shards.getFirst());
          Map<String, Tensor> last = WeightFolderTest.tensors(shards.getLast());
          String name = first.keySet().iterator().next();
          last.put(name, first.get(name));
          WeightFolderTest.file(last).write(shards.getLast());
          return List.of(
              shards.getLast().getFileName() + " holds tensor \"" + name,
              "says that it lies in " + shards.getFirst().getFileName());
        });

    private final Fault fault;

    Kind(Fault fault) {
      this.fault = fault;
    }
  }

  private static Stream<Arguments> kindsOfFamilies() {
    return FAMILIES.stream()
        .flatMap(family -> Stream.of(Kind.values()).map(kind -> Arguments.of(family, kind)));
  }

  private static List<String> families() {
    return FAMILIES;
  }

  private Victim victim(String family) throws IOException, URISyntaxException {
    var place = WeightFaultsTest.class.getResource("/golden/" + family + "/config.json");
    Path golden = Path.of(Objects.requireNonNull(place, family).toURI()).getParent();
    for (String part : List.of("", "generator")) {
      if (Files.isDirectory(golden.resolve(part))) {
        Files.createDirectories(folder.resolve(part));
        try (Stream<Path> files = Files.list(golden.resolve(part))) {
          for (Path file : files.filter(Files::isRegularFile).toList()) {
            Files.copy(file, folder.resolve(part).resolve(file.getFileName()));
          }
        }
      }
    }
    String file =
        family.equals("dit") ? "diffusion_pytorch_model.safetensors" : ModelFolder.WEIGHTS;
    Map<String, Tensor> tensors = WeightFolderTest.tensors(folder.resolve(file));
    String name =
        tensors.entrySet().stream()
            .filter(entry -> entry.getKey().contains(".0.") || entry.getKey().contains("0"))
            .filter(entry -> entry.getValue().shape().length == 2)
            .filter(entry -> entry.getValue().shape()[0] != entry.getValue().shape()[1])
            .map(Map.Entry::getKey)
            .findFirst()
            .orElseThrow();
    return new Victim(folder, file, tensors, name);
  }

  private List<String> load() {
    List<String> notes = new ArrayList<>();
    try (Device device = CpuDevice.open(1)) {
      Notes.to(
          notes::add,
          () -> {
            try (Model _ = ModelFolder.load(folder, device)) {
              return null;
            } finally {
              assertThat(device.memory().holders())
                  .noneMatch(holder -> holder.name().equals("non-finite count"));
            }
          });
    }
    return notes;
  }

  @ParameterizedTest
  @MethodSource("kindsOfFamilies")
  void isSaidInOneSentence(String family, Kind kind) throws Exception {
    Victim victim = victim(family);
    List<String> said = kind.fault.in(victim);
    String sentence;
    try {
      load();
      sentence = "nothing was said";
    } catch (BadInputException e) {
      sentence = e.getMessage();
    }
    assertThat(sentence)
        .contains(said)
        .contains(folder.toString())
        .hasSizeLessThan(500)
        .doesNotContain("\n");
  }

  @ParameterizedTest
  @MethodSource("families")
  void halvesAreRead(String family) throws Exception {
    Victim victim = victim(family);
    for (StoredType type : List.of(StoredType.F16, StoredType.BF16)) {
      victim.tensors.replaceAll(
          (name, tensor) ->
              tensor.type() == StoredType.F32
                  ? WeightFolderTest.converted(tensor, type, 2)
                  : tensor);
      victim.write();
      assertThat(load()).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("families")
  void whatIsNoNumberIsNoted(String family) throws Exception {
    Victim victim = victim(family);
    for (float value : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
      victim.poison(value);
      assertThat(load())
          .singleElement()
          .asString()
          .contains("tensor \"" + victim.name, "has 1 of ", "values that are infinite or NaN");
    }
  }
}
