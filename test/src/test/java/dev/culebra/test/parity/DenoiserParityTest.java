package dev.culebra.test.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.culebra.objectives.architecture.Denoiser;
import dev.culebra.objectives.architecture.ModelFolder;
import dev.culebra.objectives.batch.NoiseBatch;
import dev.culebra.objectives.batch.PatchGrid;
import dev.culebra.objectives.objective.DiffusionObjective;
import dev.culebra.objectives.objective.NoiseSlot;
import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.io.Safetensors;
import dev.culebra.runtime.kernel.StepValues;
import dev.culebra.runtime.tensor.Parameter;
import dev.culebra.runtime.tensor.Tape;
import java.lang.foreign.MemorySegment;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * A denoiser beside PyTorch's, from one weight file: output, loss and all gradients. The golden
 * files are made by {@code test/golden/denoiser.py}.
 */
final class DenoiserParityTest {

  private static final PatchGrid GRID = new PatchGrid(8, 4, 3);
  private static final int IMAGES = 3;

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
      try (NoiseSlot slot = objective.slot(device, batch)) {
        slot.load(batch);
        slot.deliver();
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
        assertClose(parameter.name(), gradient, read(golden, "gradient." + parameter.name()));
      }
      stepValues.release();
    }
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
