package dev.culebra.test.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.data.batch.Batch;
import dev.culebra.models.decoder.Decoder;
import dev.culebra.models.decoder.DecoderFamily;
import dev.culebra.models.decoder.DecoderShape;
import dev.culebra.models.nn.Rotary;
import dev.culebra.objectives.text.PackedExamples;
import dev.culebra.objectives.text.PackedInputs;
import dev.culebra.objectives.text.TokenObjective;
import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.kernel.CrossEntropy;
import dev.culebra.runtime.kernel.StepValues;
import dev.culebra.runtime.tensor.Tape;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A step that repeats allocates nothing on the device, little on the heap, and reuses addresses.
 */
class SteadyStateTest {

  /** Small objects of some 500 operations; the tensors of such a step take 20 MiB. */
  static final long HEAP_BYTES_PER_STEP = 512 << 10;

  static final int ROWS = 4 * 64;

  static final DecoderShape SHAPE =
      new DecoderShape(
          DecoderFamily.LLAMA, 300, 64, 64, 4, 4, 2, 128, 1e-5, Rotary.of(10_000), true);

  /** In a JVM without assertions: with them, C2 leaves vectors of long methods on the heap. */
  @Test
  void repeatsWithoutAllocating() throws Exception {
    Process child = ChildJvm.start(SteadySteps.class, List.of(), Redirect.INHERIT);
    String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(child.waitFor()).isZero();
    System.out.println("SteadyStateTest: " + output.strip());
    assertThat(output).startsWith("workspace kept, heap bytes per step ");
    long bytes = Long.parseLong(output.replaceAll("[^0-9]", ""));
    assertThat(bytes).isLessThan(HEAP_BYTES_PER_STEP);
  }

  @Test
  void sameStepSameAddresses() {
    try (Device device = CpuDevice.open(2);
        Decoder decoder = new Decoder(device, SHAPE);
        PackedInputs batch = new PackedInputs(device, PackedExamples.of(batch()), decoder)) {
      TokenObjective model = new TokenObjective("clm", decoder, CrossEntropy.PLAIN, 1 << 16);
      Buffer values = device.allocate("values", DType.F32, StepValues.COUNT);
      batch.upload(PackedExamples.of(batch()));
      List<Long> warm = addresses(device, model, batch, values);
      assertThat(addresses(device, model, batch, values)).isEqualTo(warm).hasSizeGreaterThan(60);
    }
  }

  private static List<Long> addresses(
      Device device, TokenObjective model, PackedInputs batch, Buffer values) {
    List<Long> addresses = new ArrayList<>();
    try (Tape tape =
        Tape.observed(device, (what, buffer) -> addresses.add(buffer.memory().address()))) {
      model.loss(tape, batch, values);
      tape.backward();
    }
    return addresses;
  }

  static Batch batch() {
    Batch batch = new Batch(4, 64);
    batch.begin();
    for (int s = 0; s < 4; s++) {
      batch.beginSegment();
      for (int i = 0; i < 64; i++) {
        batch.add((7 * i + s) % 300, i, 64 * s, 64 * s + i + 1, (7 * i + s + 7) % 300);
      }
    }
    batch.finish();
    return batch;
  }
}
