package dev.culebra.bench;

import dev.culebra.data.batch.Batch;
import dev.culebra.models.decoder.Decoder;
import dev.culebra.models.decoder.DecoderFamily;
import dev.culebra.models.decoder.DecoderShape;
import dev.culebra.models.nn.Rotary;
import dev.culebra.objectives.text.PackedExamples;
import dev.culebra.objectives.text.PackedInputs;
import dev.culebra.objectives.text.TokenObjective;
import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.io.Json;
import dev.culebra.runtime.kernel.AdamW;
import dev.culebra.runtime.kernel.CrossEntropy;
import dev.culebra.runtime.optim.AdamWOptimizer;
import dev.culebra.train.run.TrainingStep;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Speed of a training step on the CPU: forward, backward, clipping and AdamW on random token ids.
 * Takes the arguments of {@code bench/peers/train_gpt.py} and prints the same JSON line, so the two
 * can run in turns.
 */
@Command(name = "train-gpt", mixinStandardHelpOptions = true, showDefaultValues = true)
final class TrainGpt implements Callable<Integer> {

  @Option(names = "--arch", defaultValue = "gpt2", description = "gpt2 or llama")
  private String arch;

  @Option(names = "--vocab", defaultValue = "8192", description = "token ids")
  private int vocabulary;

  @Option(names = "--context", defaultValue = "128", description = "positions")
  private int context;

  @Option(names = "--layers", defaultValue = "4", description = "blocks")
  private int layers;

  @Option(names = "--width", defaultValue = "128", description = "values per position")
  private int width;

  @Option(names = "--heads", defaultValue = "4", description = "attention heads")
  private int heads;

  @Option(names = "--kv-heads", defaultValue = "0", description = "0: as many as heads")
  private int kvHeads;

  @Option(names = "--batch", defaultValue = "16", description = "sequences")
  private int sequences;

  @Option(names = "--steps", defaultValue = "30", description = "measured steps")
  private int steps;

  @Option(names = "--warmup", defaultValue = "5", description = "steps before")
  private int warmup;

  @Option(names = "--threads", defaultValue = "2", description = "CPU threads")
  private int threads;

  @Option(names = "--seed", defaultValue = "1", description = "seed of weights and ids")
  private long seed;

  @Option(names = "--json", description = "no progress on stderr")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    DecoderFamily family = DecoderFamily.valueOf(arch.toUpperCase(Locale.ROOT));
    DecoderShape shape =
        new DecoderShape(
            family,
            vocabulary,
            context,
            width,
            layers,
            heads,
            kvHeads == 0 ? heads : kvHeads,
            family.hidden(width),
            1e-5,
            Rotary.of(10_000),
            family == DecoderFamily.GPT2);
    List<Double> seconds = new ArrayList<>();
    double startUp = 0;
    double loss = 0;
    long workspace;
    try (Device device = CpuDevice.open(threads);
        Decoder decoder = new Decoder(device, shape);
        AdamWOptimizer optimizer =
            new AdamWOptimizer(device, decoder.parameters(), new AdamW(0.9f, 0.95f, 1e-8f, 0.1f));
        TrainingStep<PackedExamples, PackedInputs> step =
            new TrainingStep<>(
                device,
                new TokenObjective("clm", decoder, CrossEntropy.PLAIN, 32 << 20),
                optimizer,
                1f,
                0,
                1,
                PackedExamples.of(new Batch(sequences, context)),
                seed)) {
      decoder.parameters().initialize(seed);
      Batch batch = new Batch(sequences, context);
      SplittableRandom random = new SplittableRandom(seed);
      for (int i = 0; i < warmup + steps; i++) {
        fill(batch, random);
        long start = System.nanoTime();
        TrainingStep.Result result = step.run(i, 3e-4, List.of(PackedExamples.of(batch)));
        if (i >= warmup) {
          seconds.add((System.nanoTime() - start) * 1e-9);
        }
        if (i == 0) {
          startUp = ProcessHandle.current().info().startInstant().orElseThrow().toEpochMilli();
          startUp = (System.currentTimeMillis() - startUp) / 1000;
        }
        loss = result.loss();
        if (!json) {
          System.err.printf(Locale.ROOT, "step %d  loss %.4f%n", i + 1, loss);
        }
      }
      workspace = device.workspace().report().peak();
    }
    Map<String, Object> line = new LinkedHashMap<>();
    double median = seconds.stream().sorted().skip(seconds.size() / 2).findFirst().orElseThrow();
    line.put("program", "culebra");
    line.put("arch", arch);
    line.put("parameters", Decoder.countParameters(shape));
    line.put("tokens_per_second", sequences * context / median);
    line.put("step_seconds_median", median);
    line.put("loss", loss);
    line.put("start_up_seconds", startUp);
    line.put("peak_rss_mib", peakResident() / 1024.0);
    line.put("workspace_peak_mib", workspace / 1048576.0);
    line.put("threads", threads);
    line.put("step_seconds", seconds);
    System.out.println(Json.MAPPER.writeValueAsString(line));
    return 0;
  }

  private void fill(Batch batch, SplittableRandom random) {
    batch.begin();
    for (int s = 0; s < sequences; s++) {
      batch.beginSegment();
      int next = random.nextInt(vocabulary);
      for (int i = 0; i < context; i++) {
        int id = next;
        next = random.nextInt(vocabulary);
        batch.add(id, i, s * context, s * context + i + 1, next);
      }
    }
    batch.finish();
  }

  /** KiB of the process's high-water mark, from the kernel. */
  private static long peakResident() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmHWM:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    throw new IOException("/proc/self/status has no VmHWM");
  }

  public static void main(String[] args) {
    System.exit(new CommandLine(new TrainGpt()).execute(args));
  }
}
