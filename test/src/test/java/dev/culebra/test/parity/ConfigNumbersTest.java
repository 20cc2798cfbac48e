package dev.culebra.test.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.culebra.models.ModelFolder;
import dev.culebra.models.dual.DualEncoder;
import dev.culebra.models.electra.Electra;
import dev.culebra.models.nn.Model.TokenIds;
import dev.culebra.models.nn.TokenModel;
import dev.culebra.models.nn.TokenModel.Architecture;
import dev.culebra.objectives.pairs.EncoderInput;
import dev.culebra.objectives.pairs.TextBatch;
import dev.culebra.objectives.pairs.TextBatch.Attention;
import dev.culebra.objectives.pairs.TextInputs;
import dev.culebra.objectives.text.PackedExamples;
import dev.culebra.objectives.text.PackedInputs;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.io.Json;
import dev.culebra.runtime.kernel.CrossEntropy;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.runtime.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * Models whose {@code config.json} says something unusual answer as transformers does. {@code
 * golden/config_numbers.py} made the files.
 */
final class ConfigNumbersTest {

  private static final int LONGEST = 80;

  @TempDir private Path saved;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "t5-buckets",
        "t5-odd-buckets",
        "t5-first",
        "t5-silu",
        "bart-uneven",
        "bart-untied",
        "bert-relu",
        "electra-relu",
        "electra-narrow",
        "electra-wide",
        "llama-theta",
        "llama-linear",
        "llama-3",
        "llama-old-3",
        "gpt2-inner"
      })
  void logitsAreThose(String name) throws Exception {
    Path folder = folder(name);
    JsonNode answer = Json.read(folder.resolve("answer.json"));
    try (Device device = CpuDevice.open(1)) {
      try (TokenModel model = ModelFolder.load(folder, device, TokenModel.class, "the test")) {
        assertThat(logits(device, model, answer)).satisfies(close(answer.get("logits")));
        ModelFolder.save(saved, device, model, TokenIds.ending(2), null);
      }
      // A folder that is written means the same.
      try (TokenModel again = ModelFolder.load(saved, device, TokenModel.class, "the test")) {
        assertThat(logits(device, again, answer)).satisfies(close(answer.get("logits")));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"electra-relu", "electra-narrow", "electra-wide"})
  void whatWasReplacedIsThat(String name) throws Exception {
    Path folder = folder(name);
    JsonNode answer = Json.read(folder.resolve("answer.json"));
    PackedExamples host = packed(Architecture.ENCODER, answer);
    try (Device device = CpuDevice.open(1);
        Electra model = ModelFolder.load(folder, device, Electra.class, "the test");
        PackedInputs slot = new PackedInputs(device, host, model);
        Tape tape = Tape.forwardOnly(device)) {
      slot.upload(host);
      Tensor rows = model.discriminate(tape, slot.input().encoder());
      assertThat(model.answers().logits(tape, rows))
          .satisfies(
              all ->
                  close(answer.get("replaced"))
                      .accept(Arrays.copyOf(all, answer.get("ids").size())));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"clip-inner-end", "clip-no-end", "clip-old-end"})
  void textsAreAskedWhereTransformersAsks(String name) throws Exception {
    Path folder = folder(name);
    JsonNode answer = Json.read(folder.resolve("answer.json"));
    TextBatch host = new TextBatch(2, 16, Attention.CAUSAL);
    host.begin();
    host.add(new EncoderInput.Words(new int[] {4, 20})); // another text before it
    host.add(new EncoderInput.Words(ints(answer.get("ids"))));
    host.finish();
    try (Device device = CpuDevice.open(1);
        DualEncoder model = ModelFolder.load(folder, device, DualEncoder.class, "the test");
        TextInputs slot = new TextInputs(device, "texts", host, model);
        Tape tape = Tape.forwardOnly(device)) {
      slot.load(host);
      slot.swap();
      Tensor embeddings = model.right(tape, slot.input());
      int dimension = model.dimension();
      assertThat(floats(device, embeddings.data().slice(dimension, dimension), dimension))
          .satisfies(close(answer.get("embedding")));
    }
  }

  /** A bias of logits, which transformers adds, is not thrown away. */
  @Test
  void aBiasOfLogitsIsRefused() throws Exception {
    copy(folder("bart-uneven"), saved);
    byte[] bytes = Files.readAllBytes(saved.resolve(ModelFolder.WEIGHTS));
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int header = Math.toIntExact(text.indexOf("\"final_logits_bias\""));
    assertThat(header).isPositive();
    int offsets = text.indexOf("\"data_offsets\":[", header) + "\"data_offsets\":[".length();
    int first = Integer.parseInt(text.substring(offsets, text.indexOf(',', offsets)));
    int start = 8 + ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(0);
    bytes[start + first + 1] = 0x3f;
    Files.write(saved.resolve(ModelFolder.WEIGHTS), bytes);
    try (Device device = CpuDevice.open(1)) {
      assertThatThrownBy(() -> ModelFolder.load(saved, device))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("final_logits_bias")
          .hasMessageContaining("is not zero");
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  private static float[] logits(Device device, TokenModel model, JsonNode answer) {
    PackedExamples host = packed(model.architecture(), answer);
    JsonNode last = answer.get(answer.has("decoder_ids") ? "decoder_ids" : "ids");
    try (PackedInputs slot = new PackedInputs(device, host, model);
        Tape tape = Tape.forwardOnly(device)) {
      slot.upload(host);
      Buffer all =
          model.head(CrossEntropy.PLAIN, 1 << 20).logits(tape, model.forward(tape, slot.input()));
      int vocabulary = model.vocabulary();
      float[] logits =
          floats(device, all.slice((last.size() - 1L) * vocabulary, vocabulary), vocabulary);
      all.release();
      return logits;
    }
  }

  private static PackedExamples packed(Architecture architecture, JsonNode answer) {
    PackedExamples host = new PackedExamples(1, LONGEST, LONGEST);
    int[] ids = ints(answer.get("ids"));
    host.begin();
    switch (architecture) {
      case DECODER -> host.add(new int[0], ids);
      case ENCODER -> host.add(ids, new int[0]);
      case ENCODER_DECODER -> host.add(ids, ints(answer.get("decoder_ids")));
    }
    host.finish(ids[0]);
    return host;
  }

  private static int[] ints(JsonNode list) {
    return list.valueStream().mapToInt(JsonNode::intValue).toArray();
  }

  private static float[] floats(Device device, Buffer buffer, int count) {
    float[] values = new float[count];
    device.download(MemorySegment.ofArray(values), buffer.slice(0, count));
    return values;
  }

  private static Consumer<float[]> close(JsonNode expected) {
    return actual -> {
      List<JsonNode> values = expected.valueStream().toList();
      double largest = values.stream().mapToDouble(v -> Math.abs(v.doubleValue())).max().orElse(1);
      assertThat(actual).hasSize(values.size());
      for (int i = 0; i < actual.length; i++) {
        assertThat((double) actual[i])
            .as("value %d of %s", i, expected)
            .isCloseTo(values.get(i).doubleValue(), within(1e-5 * Math.max(1, largest)));
      }
    };
  }

  private static Path folder(String name) throws URISyntaxException {
    return Path.of(ConfigNumbersTest.class.getResource("/golden/config/" + name).toURI());
  }
}
