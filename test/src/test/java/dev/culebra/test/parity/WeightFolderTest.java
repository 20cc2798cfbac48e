package dev.culebra.test.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.models.ModelFolder;
import dev.culebra.models.nn.Model;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.Notes;
import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.io.Safetensors;
import dev.culebra.runtime.io.SafetensorsWriter;
import dev.culebra.runtime.io.ShardIndex;
import dev.culebra.runtime.io.StoredType;
import dev.culebra.runtime.io.TensorSpec;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The ways in which transformers and older releases of it write one model: all are read to equal
 * weights, or refused with the tensor's name. Names are those that transformers knows and renames.
 */
final class WeightFolderTest {

  @TempDir Path folder;

  /** A tensor on its way from one file to another. */
  record Tensor(StoredType type, long[] shape, byte[] bytes) {}

  private static Path golden(String family) throws URISyntaxException {
    var config = WeightFolderTest.class.getResource("/golden/" + family + "/config.json");
    return Path.of(Objects.requireNonNull(config, family).toURI()).getParent();
  }

  static Map<String, Tensor> tensors(Path file) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    try (Safetensors read = Safetensors.open(file)) {
      for (Safetensors.Entry entry : read.entries()) {
        byte[] bytes = entry.data().toArray(ValueLayout.JAVA_BYTE);
        tensors.put(entry.spec().name(), new Tensor(entry.type(), entry.shape(), bytes));
      }
    }
    return tensors;
  }

  private static Map<String, Tensor> golden(String family, UnaryOperator<String> naming)
      throws URISyntaxException {
    Map<String, Tensor> renamed = new LinkedHashMap<>();
    tensors(golden(family).resolve(ModelFolder.WEIGHTS))
        .forEach((name, tensor) -> renamed.put(naming.apply(name), tensor));
    return renamed;
  }

  static SafetensorsWriter file(Map<String, Tensor> tensors) {
    SafetensorsWriter writer = new SafetensorsWriter();
    tensors.forEach(
        (name, tensor) ->
            writer.add(
                new TensorSpec(name, tensor.type, tensor.shape),
                MemorySegment.ofArray(tensor.bytes)));
    return writer;
  }

  private void write(String family, Map<String, Tensor> tensors) throws Exception {
    Files.copy(golden(family).resolve("config.json"), folder.resolve("config.json"));
    file(tensors).write(folder.resolve(ModelFolder.WEIGHTS));
  }

  private static Map<String, List<Float>> weights(Path folder) {
    Map<String, List<Float>> weights = new LinkedHashMap<>();
    try (Device device = CpuDevice.open(1);
        Model model = ModelFolder.load(folder, device)) {
      model
          .parameters()
          .forEachPart(
              (part, buffer) -> {
                float[] values = new float[Math.toIntExact(buffer.length())];
                device.download(MemorySegment.ofArray(values), buffer);
                List<Float> list = new ArrayList<>(values.length);
                for (float value : values) {
                  list.add(value);
                }
                weights.put(part.name(), list);
              });
    }
    return weights;
  }

  private List<String> notes() {
    List<String> notes = new ArrayList<>();
    Notes.to(notes::add, () -> weights(folder));
    return notes;
  }

  private void refused(String... words) {
    assertThatThrownBy(() -> weights(folder))
        .isInstanceOf(BadInputException.class)
        .satisfies(e -> assertThat(e.getMessage()).contains(words));
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "llama", "bert", "t5", "bart", "vit-bert"})
  void readsShards(String family) throws Exception {
    Files.copy(golden(family).resolve("config.json"), folder.resolve("config.json"));
    ShardIndex.write(
        folder.resolve(ModelFolder.WEIGHTS), file(golden(family, name -> name)), 10_000);
    assertThat(folder.resolve(ModelFolder.WEIGHTS)).doesNotExist();
    assertThat(weights(folder)).isEqualTo(weights(golden(family)));
  }

  @ParameterizedTest
  @CsvSource({
    "gpt2,  transformer., ''",
    "bert,  bert.,        ''",
    "bart,  model.,       ''",
    "llama, model.,       ''",
    "bert,  LayerNorm.weight, LayerNorm.gamma",
    "bert,  LayerNorm.bias,   LayerNorm.beta",
    "vit-bert, LayerNorm.bias, LayerNorm.beta",
    "t5,    shared.,       encoder.embed_tokens.",
    "t5,    shared.,       decoder.embed_tokens.",
    "bart,  model.shared., model.encoder.embed_tokens.",
    "bart,  model.shared., lm_head.",
    "gpt2,  transformer.wte., lm_head.",
    "bert,  bert.embeddings.word_embeddings., cls.predictions.decoder.",
    "bert,  cls.predictions.bias, cls.predictions.decoder.bias",
  })
  void readsOtherNames(String family, String now, String then) throws Exception {
    Map<String, Tensor> renamed = golden(family, name -> name.replace(now, then));
    assertThat(renamed).isNotEqualTo(golden(family, name -> name));
    write(family, renamed);
    assertThat(weights(folder)).isEqualTo(weights(golden(family)));
    assertThat(notes()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "gpt2,  transformer.h.0.attn.bias",
    "gpt2,  h.1.attn.masked_bias",
    "llama, model.layers.0.self_attn.rotary_emb.inv_freq",
    "bert,  bert.embeddings.position_ids",
    "bert,  embeddings.token_type_ids",
    "t5,    decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight",
    "bart,  model.encoder.version",
    "vit-bert, text_model.embeddings.position_ids",
  })
  void passesOverConstants(String family, String name) throws Exception {
    Map<String, Tensor> more = golden(family, n -> n);
    more.put(name, new Tensor(StoredType.I64, new long[] {1, 2}, new byte[16]));
    write(family, more);
    assertThat(weights(folder)).isEqualTo(weights(golden(family)));
    assertThat(notes()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "gpt2,  score.weight",
    "llama, score.weight",
    "bert,  classifier.weight",
    "bert,  qa_outputs.bias",
    "bart,  classification_head.dense.weight",
    "t5,    classification_head.dense.weight",
  })
  void notesHeadsOfOtherUses(String family, String name) throws Exception {
    Map<String, Tensor> more = golden(family, n -> n);
    more.put(name, new Tensor(StoredType.F32, new long[] {2, 1}, new byte[8]));
    write(family, more);
    assertThat(notes()).singleElement().asString().contains(name, "has no use for");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "llama", "bert", "t5", "bart", "vit-bert"})
  void refusesWhatItDoesNotKnow(String family) throws Exception {
    Map<String, Tensor> more = golden(family, n -> n);
    more.put("adapter.down.weight", new Tensor(StoredType.F32, new long[] {2, 1}, new byte[8]));
    write(family, more);
    refused("model.safetensors: tensor \"adapter.down.weight\" F32 [2, 1]", "is not of this model");
  }

  /** Biases that a family can have are weights, and never constants. */
  @Test
  void refusesBiasesThatItWouldNotAdd() throws Exception {
    Map<String, Tensor> more = golden("llama", n -> n);
    more.put(
        "model.layers.0.self_attn.q_proj.bias",
        new Tensor(StoredType.F32, new long[] {1}, new byte[4]));
    write("llama", more);
    refused("self_attn.q_proj.bias", "is not of this model");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "llama", "bert", "t5", "bart", "vit-bert"})
  void refusesMissingTensors(String family) throws Exception {
    Map<String, Tensor> fewer = golden(family, n -> n);
    String lost = fewer.keySet().stream().filter(n -> n.contains("0.")).toList().get(1);
    String shape = Arrays.toString(fewer.get(lost).shape);
    fewer.remove(lost);
    write(family, fewer);
    refused("model.safetensors has no tensor \"" + lost + "\" " + shape, "this model needs");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "llama", "bert", "t5", "bart", "vit-bert"})
  void refusesOtherShapesAndIntegers(String family) throws Exception {
    Map<String, Tensor> all = golden(family, n -> n);
    String name = all.keySet().stream().filter(n -> n.contains("0.")).toList().getFirst();
    Tensor right = all.get(name);
    all.put(name, new Tensor(right.type, new long[] {1, right.bytes.length / 4}, right.bytes));
    write(family, all);
    refused("tensor \"" + name + "\" F32 [1, ", Arrays.toString(right.shape));
    all.put(name, new Tensor(StoredType.I32, right.shape, right.bytes));
    file(all).write(folder.resolve(ModelFolder.WEIGHTS));
    refused("tensor \"" + name + "\" I32", "no floating-point numbers");
  }

  @ParameterizedTest
  @CsvSource({"BF16, 2", "F16, 2", "F64, 8"})
  void convertsOtherFloats(StoredType type, int bytes) throws Exception {
    Map<String, Tensor> all = golden("gpt2", n -> n);
    all.replaceAll((name, tensor) -> converted(tensor, type, bytes));
    write("gpt2", all);
    Map<String, List<Float>> expected = weights(golden("gpt2"));
    expected.replaceAll((name, list) -> list.stream().map(v -> rounded(v, type)).toList());
    assertThat(weights(folder)).isEqualTo(expected);
  }

  private static float rounded(float value, StoredType type) {
    return switch (type) {
      case BF16 -> Float.intBitsToFloat(Float.floatToRawIntBits(value) & 0xffff0000);
      case F16 -> Float.float16ToFloat(Float.floatToFloat16(value));
      default -> value;
    };
  }

  static Tensor converted(Tensor tensor, StoredType type, int bytes) {
    ByteBuffer from = ByteBuffer.wrap(tensor.bytes).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer to =
        ByteBuffer.allocate(tensor.bytes.length / Float.BYTES * bytes)
            .order(ByteOrder.LITTLE_ENDIAN);
    while (from.hasRemaining()) {
      float value = from.getFloat();
      switch (type) {
        case BF16 -> to.putShort((short) (Float.floatToRawIntBits(value) >>> 16));
        case F16 -> to.putShort(Float.floatToFloat16(value));
        default -> to.putDouble(value);
      }
    }
    return new Tensor(type, tensor.shape, to.array());
  }

  @Test
  void readsOneValueAsScalarOrVector() throws Exception {
    Map<String, Tensor> all = golden("vit-bert", n -> n);
    Tensor scale = all.get("logit_scale");
    all.put("logit_scale", new Tensor(scale.type, new long[] {1}, scale.bytes));
    write("vit-bert", all);
    assertThat(weights(folder)).isEqualTo(weights(golden("vit-bert")));
  }

  @ParameterizedTest
  @CsvSource({
    "gpt2, transformer.wte.weight, lm_head.weight",
    "t5, shared.weight, encoder.embed_tokens.weight",
    "bart, model.shared.weight, model.decoder.embed_tokens.weight",
    "bert, cls.predictions.bias, cls.predictions.decoder.bias",
    "bert, bert.pooler.dense.bias, pooler.dense.bias",
  })
  void readsEqualCopiesAndRefusesOthers(String family, String name, String copy) throws Exception {
    Map<String, Tensor> all = golden(family, n -> n);
    all.put(copy, all.get(name));
    write(family, all);
    assertThat(weights(folder)).isEqualTo(weights(golden(family)));
    byte[] other = all.get(name).bytes.clone();
    other[0] ^= 1;
    all.put(copy, new Tensor(all.get(name).type, all.get(name).shape, other));
    file(all).write(folder.resolve(ModelFolder.WEIGHTS));
    refused("tensor \"" + copy + "\"", "differs from tensor \"" + name + "\"");
  }

  @Test
  void prefersTheSingleFileAsTransformersDoes() throws Exception {
    write("gpt2", golden("gpt2", n -> n));
    Files.writeString(folder.resolve("model.safetensors.index.json"), "{}");
    assertThat(weights(folder)).isEqualTo(weights(golden("gpt2")));
    assertThat(notes()).singleElement().asString().contains("the first is read");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "pytorch_model.bin",
        "pytorch_model.bin.index.json",
        "tf_model.h5",
        "flax_model.msgpack",
        "model.fp16.safetensors",
        "adapter_model.safetensors",
        "weights.gguf"
      })
  void saysWhatToDoAboutWeightsOfOtherKinds(String name) throws Exception {
    Files.copy(golden("gpt2").resolve("config.json"), folder.resolve("config.json"));
    Files.writeString(folder.resolve(name), "x");
    refused(name, "convert them to safetensors");
  }

  @Test
  void saysThatThereAreNoWeights() throws IOException, URISyntaxException {
    Files.copy(golden("gpt2").resolve("config.json"), folder.resolve("config.json"));
    refused("has no model.safetensors");
  }
}
