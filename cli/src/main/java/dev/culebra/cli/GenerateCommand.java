package dev.culebra.cli;

import dev.culebra.objectives.training.GenerationOptions;
import dev.culebra.objectives.training.Generator;
import dev.culebra.runtime.device.Device;
import java.io.PrintWriter;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes text with a trained model, as it is drawn. */
@Command(
    name = "generate",
    sortOptions = false,
    description = {
      "Write text with a trained decoder or encoder-decoder: a prompt's continuation, or the"
          + " output",
      "for it. The prompt is laid out as the model's training was; [MASK] and the like are tokens."
    },
    footer = {"", "Example:  culebra generate runs/clm --prompt \"Call me\" --temperature 0.7"})
final class GenerateCommand implements Runnable {

  @Parameters(paramLabel = "DIR", description = "Folder of a run or of a model.")
  Path folder;

  @Option(
      names = "--prompt",
      paramLabel = "TEXT",
      description = "What to continue or to read; without it, a decoder begins a document.",
      defaultValue = "")
  String prompt;

  @Option(
      names = "--tokens",
      paramLabel = "N",
      description = "Write at most so many tokens (default: ${DEFAULT-VALUE}).",
      defaultValue = "200")
  int tokens;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      description =
          "Divides the logits: below 1 is safer; 0 takes the most probable token (default:"
              + " ${DEFAULT-VALUE}).",
      defaultValue = "0.8")
  double temperature;

  @Option(
      names = "--top-k",
      paramLabel = "K",
      description = "Draw from the K most probable tokens; 0 for all (default: ${DEFAULT-VALUE}).",
      defaultValue = "50")
  int topK;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      description =
          "Draw from the most probable tokens that together have probability P (default:"
              + " ${DEFAULT-VALUE}).",
      defaultValue = "1")
  double topP;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description =
          "Seed of the draws; the same seed gives the same text (default: ${DEFAULT-VALUE}).",
      defaultValue = "1")
  long seed;

  @Mixin DeviceOptions devices;

  @Spec CommandSpec spec;

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    GenerationOptions options = new GenerationOptions(tokens, temperature, topK, topP, seed);
    try (Device device = devices.open(spec.commandLine().getErr());
        Generator generator = Generator.open(folder, device)) {
      if (generator.continues(prompt)) {
        out.print(prompt);
        out.flush();
      }
      generator.generate(
          prompt,
          options,
          text -> {
            out.print(text);
            out.flush();
          });
      out.println();
    }
  }
}
