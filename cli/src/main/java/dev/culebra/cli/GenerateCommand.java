package dev.culebra.cli;

import dev.culebra.runtime.device.Device;
import dev.culebra.train.inference.Captioner;
import dev.culebra.train.inference.GenerationOptions;
import dev.culebra.train.inference.Generator;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes text with a trained model, as it is drawn, or captions of images. */
@Command(
    name = "generate",
    sortOptions = false,
    description = {
      "Write text with a trained decoder or encoder-decoder: a prompt's continuation, or the output"
          + " for it.",
      "The prompt is laid out as the model's training was; [MASK] and the like are tokens.",
      "With --image, write captions by a model of caption or coca."
    },
    footer = {
      "",
      "Examples:  culebra generate runs/clm --prompt \"Call me\" --temperature 0.7",
      "           culebra generate runs/caption --image photo.png",
      "           culebra generate runs/caption --image photos/ > photos/captions.tsv"
    })
final class GenerateCommand implements Runnable {

  private static final double TEXT_TEMPERATURE = 0.8;
  private static final double CAPTION_TEMPERATURE = 0;

  @Parameters(paramLabel = "DIR", description = "Folder of a run or of a model.")
  Path folder;

  @Option(
      names = "--prompt",
      paramLabel = "TEXT",
      description =
          "What to continue or to read; without it, a decoder begins a document, or a caption.",
      defaultValue = "")
  String prompt;

  @Option(
      names = "--image",
      paramLabel = "PATH",
      description =
          "An image (.png, .jpeg) to write to, of any size; or a folder of them: a line each,"
              + " file, tab, caption.")
  Path image;

  @Option(
      names = "--tokens",
      paramLabel = "N",
      description =
          "Write at most so many tokens (default: as generation_config.json of the model says, or"
              + " 200).")
  Integer tokens;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      description =
          "Divides the logits: below 1 is safer; 0 takes the most probable token (default: as"
              + " generation_config.json says, or "
              + TEXT_TEMPERATURE
              + ", for captions "
              + CAPTION_TEMPERATURE
              + ").")
  Double temperature;

  @Option(
      names = "--top-k",
      paramLabel = "K",
      description =
          "Draw from the K most probable tokens; 0 for all (default: as generation_config.json"
              + " says, or 50).")
  Integer topK;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      description =
          "Draw from the most probable tokens that together have probability P (default: as"
              + " generation_config.json says, or 1).")
  Double topP;

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
    try (Device device = devices.open()) {
      if (image == null) {
        text(device, spec.commandLine().getOut());
      } else {
        captions(device, spec.commandLine().getOut());
      }
    }
  }

  private GenerationOptions.Asked asked() {
    return new GenerationOptions.Asked(tokens, temperature, topK, topP);
  }

  private GenerationOptions usual(double usualTemperature) {
    return new GenerationOptions(200, usualTemperature, 50, 1, seed);
  }

  private void text(Device device, PrintWriter out) {
    GenerationOptions asked = asked().over(usual(TEXT_TEMPERATURE));
    try (Generator generator = Generator.open(folder, device)) {
      String given = generator.continues(prompt) ? prompt : "";
      boolean[] begun = new boolean[1];
      Consumer<String> writes =
          text -> {
            if (!begun[0]) { // what is refused prints nothing
              devices.tell(spec.commandLine().getErr());
              out.print(given);
              begun[0] = true;
            }
            out.print(text);
            out.flush();
          };
      generator.generate(prompt, generator.options(prompt, asked(), asked), writes);
      writes.accept("");
      out.println();
    }
  }

  private void captions(Device device, PrintWriter out) {
    GenerationOptions options = asked().over(usual(CAPTION_TEMPERATURE));
    boolean many = Files.isDirectory(image);
    try (Captioner captioner = Captioner.open(folder, device)) {
      String left =
          captioner.write(
              image,
              prompt,
              options,
              caption -> {
                devices.tell(spec.commandLine().getErr());
                String file = many ? image.relativize(caption.file()) + "\t" : "";
                out.println(file + caption.text());
              });
      if (!left.isEmpty()) {
        spec.commandLine().getErr().println("note: " + left);
      }
    }
  }
}
