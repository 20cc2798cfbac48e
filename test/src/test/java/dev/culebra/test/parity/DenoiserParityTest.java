package dev.culebra.test.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.culebra.data.batch.PatchGrid;
import dev.culebra.models.ModelFolder;
import dev.culebra.models.dit.Denoiser;
import dev.culebra.models.nn.Model.TokenIds;
import dev.culebra.objectives.diffusion.DiffusionObjective;
import dev.culebra.objectives.diffusion.NoiseBatch;
import dev.culebra.objectives.diffusion.NoiseInputs;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.io.Json;
import dev.culebra.runtime.io.Safetensors;
import dev.culebra.runtime.kernel.StepValues;
import dev.culebra.runtime.tensor.Parameter;
import dev.culebra.runtime.tensor.Tape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A denoiser beside PyTorch's, from one weight file: output, loss and all gradients. The golden
 * files are made by {@code test/golden/denoiser.py}, under the names of diffusers.
 */
final class DenoiserParityTest {

  private static final PatchGrid GRID = new PatchGrid(8, 4, 3);
  private static final int IMAGES = 3;
  private static final String WEIGHTS = "diffusion_pytorch_model.safetensors";

  @Test
  void followsPyTorch() throws Exception {
    Path folder = folder();
    try (Device device = CpuDevice.open(1);
        Denoiser model = ModelFolder.load(folder, device, Denoiser.class, "the test");
        Safetensors golden = Safetensors.open(folder.resolve("case.safetensors"))) {
      DiffusionObjective objective = new DiffusionObjective(device, model);
      NoiseBatch batch = batch(golden);
      Buffer stepValues = device.allocate("step values", DType.F32, StepValues.COUNT);
      float[] values = new float[StepValues.COUNT];
      values[StepValues.LOSS_SCALE] = 1f / IMAGES;
      device.upload(stepValues, MemorySegment.ofArray(values));
      try (NoiseInputs slot = objective.slot(device, batch)) {
        slot.load(batch);
        slot.swap();
        try (Tape tape = Tape.forwardOnly(device)) {
          float[] found = floats(device, model.forward(tape, slot.input()).data());
          float[] planes = new float[found.length];
          for (int i = 0; i < IMAGES; i++) {
            int at = i * GRID.values();
            GRID.fromWritten(found, at, planes, at);
          }
          assertClose("output", planes, read(golden, "output"));
        }
        try (Tape tape = Tape.recording(device)) {
          objective.loss(tape, slot, stepValues);
          tape.backward();
        }
      }
      float loss = floats(device, stepValues)[StepValues.LOSS];
      assertThat(loss).isCloseTo(read(golden, "loss")[0], within(1e-5f));
      for (Parameter parameter : model.parameters().all()) {
        float[] gradient = floats(device, parameter.gradient());
        assertClose(parameter.name(), gradient, gradients(golden, parameter));
      }
      stepValues.release();
    }
  }

  /** What is loaded is saved again tensor by tensor: what diffusers wrote, it can read. */
  @Test
  void savesWhatDiffusersReads(@TempDir Path saved) throws Exception {
    Path folder = folder();
    try (Device device = CpuDevice.open(1);
        Denoiser model = ModelFolder.load(folder, device, Denoiser.class, "the test")) {
      ModelFolder.save(saved, device, model, TokenIds.NONE, null);
    }
    try (Safetensors before = Safetensors.open(folder.resolve(WEIGHTS));
        Safetensors after = Safetensors.open(saved.resolve(WEIGHTS))) {
      assertThat(after.names()).containsExactlyInAnyOrderElementsOf(before.names());
      for (String name : before.names()) {
        assertThat(after.entry(name).spec().shape())
            .as(name)
            .isEqualTo(before.entry(name).spec().shape());
        assertThat(read(after, name)).as(name).isEqualTo(read(before, name));
      }
    }
    assertThat(Json.read(saved.resolve("config.json")))
        .isEqualTo(Json.read(folder.resolve("config.json")));
  }

  /** A model of diffusers that was trained on block by block has no place in one that shares. */
  @Test
  void refusesBlocksThatEmbedStepsDifferently(@TempDir Path other) throws Exception {
    for (String file : List.of("config.json", WEIGHTS)) {
      Files.copy(folder().resolve(file), other.resolve(file));
    }
    String name = "transformer_blocks.1.norm1.emb.timestep_embedder.linear_2.bias";
    byte[] file = Files.readAllBytes(other.resolve(WEIGHTS));
    try (Safetensors weights = Safetensors.open(other.resolve(WEIGHTS))) {
      byte[] values = weights.entry(name).data().toArray(ValueLayout.JAVA_BYTE);
      int at = lastIndexOf(file, values); // the last of the equal copies
      file[at] ^= 1;
    }
    Files.write(other.resolve(WEIGHTS), file);
    try (Device device = CpuDevice.open(1)) {
      assertThatThrownBy(() -> ModelFolder.load(other, device))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining(name)
          .hasMessageContaining("this model has one for both");
    }
  }

  private static int lastIndexOf(byte[] file, byte[] values) {
    int at = file.length - values.length;
    while (!Arrays.equals(file, at, at + values.length, values, 0, values.length)) {
      at--;
    }
    return at;
  }

  private static Path folder() throws URISyntaxException {
    URL config = DenoiserParityTest.class.getResource("/golden/dit/config.json");
    return Path.of(Objects.requireNonNull(config, "golden/dit").toURI()).getParent();
  }

  private static NoiseBatch batch(Safetensors golden) {
    NoiseBatch batch = new NoiseBatch(GRID, IMAGES);
    float[] noised = read(golden, "x");
    float[] target = read(golden, "target");
    float[] steps = read(golden, "t");
    float[] classes = read(golden, "y");
    float[] weights = read(golden, "weights");
    batch.clear();
    for (int i = 0; i < IMAGES; i++) {
      int at = i * GRID.values();
      batch.add(noised, target, at, (int) steps[i], (int) classes[i], weights[i]);
    }
    return batch;
  }

  /** Those of all parts: the gradient of key biases alone, which is 0, would be rounding. */
  private static float[] gradients(Safetensors golden, Parameter parameter) {
    float[] all = new float[Math.toIntExact(parameter.length())];
    int at = 0;
    for (Parameter.Part part : parameter.parts()) {
      float[] values = read(golden, "gradient." + part.name());
      System.arraycopy(values, 0, all, at, values.length);
      at += values.length;
    }
    return all;
  }

  private static float[] read(Safetensors file, String name) {
    long length = 1;
    for (long size : file.entry(name).spec().shape()) {
      length *= size;
    }
    float[] values = new float[Math.toIntExact(length)];
    file.readFloats(name, MemorySegment.ofArray(values));
    return values;
  }

  private static float[] floats(Device device, Buffer buffer) {
    float[] values = new float[Math.toIntExact(buffer.length())];
    device.download(MemorySegment.ofArray(values), buffer);
    return values;
  }

  /** Within 1e-4 of the largest value. */
  private static void assertClose(String what, float[] actual, float[] expected) {
    float largest = 1e-3f;
    for (float value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    assertThat(actual).as(what).hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      assertThat(actual[i]).as("%s[%d]", what, i).isCloseTo(expected[i], within(1e-4f * largest));
    }
  }
}
