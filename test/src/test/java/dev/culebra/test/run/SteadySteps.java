package dev.culebra.test.run;

import com.sun.management.ThreadMXBean;
import dev.culebra.models.decoder.Decoder;
import dev.culebra.objectives.text.PackedExamples;
import dev.culebra.objectives.text.PackedInputs;
import dev.culebra.objectives.text.TokenObjective;
import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.kernel.AdamW;
import dev.culebra.runtime.kernel.CrossEntropy;
import dev.culebra.runtime.optim.AdamWOptimizer;
import dev.culebra.train.run.TrainingStep;
import java.lang.management.ManagementFactory;
import java.util.List;

/** Repeats one step and prints what it allocates once the JVM has compiled it. */
final class SteadySteps {

  private SteadySteps() {}

  public static void main(String[] args) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (Device device = CpuDevice.open(1);
        Decoder decoder = new Decoder(device, SteadyStateTest.SHAPE);
        AdamWOptimizer optimizer =
            new AdamWOptimizer(device, decoder.parameters(), new AdamW(0.9f, 0.95f, 1e-8f, 0.1f));
        TrainingStep<PackedExamples, PackedInputs> step =
            new TrainingStep<>(
                device,
                new TokenObjective("clm", decoder, CrossEntropy.PLAIN, 1 << 16),
                optimizer,
                1,
                0,
                1,
                PackedExamples.of(SteadyStateTest.batch()),
                1)) {
      decoder.parameters().initialize(1);
      List<PackedExamples> micro = List.of(PackedExamples.of(SteadyStateTest.batch()));
      int done = 0;
      for (; done < 3; done++) {
        step.run(done, 1e-3, micro);
      }
      long capacity = device.workspace().capacity();
      long perStep = Long.MAX_VALUE;
      while (perStep >= SteadyStateTest.HEAP_BYTES_PER_STEP && done < 3000) {
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 50; i++) {
          step.run(done++, 1e-3, micro);
        }
        perStep = (threads.getCurrentThreadAllocatedBytes() - before) / 50;
        if (args.length > 0) {
          System.err.println(done + " " + perStep);
        }
      }
      boolean kept =
          capacity == device.workspace().capacity() && device.workspace().report().used() == 0;
      System.out.println(
          (kept ? "workspace kept" : "workspace grew") + ", heap bytes per step " + perStep);
    }
  }
}
