package dev.culebra.cli;

import dev.culebra.objectives.corruption.NoiseProcess;
import dev.culebra.objectives.corruption.Text;
import dev.culebra.objectives.corruption.TextObjective;
import dev.culebra.objectives.token.Tokenizer;
import dev.culebra.objectives.token.Tokenizers;
import dev.culebra.objectives.training.Setting;
import dev.culebra.runtime.BadInputException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what objectives do to a text. */
@Command(
    name = "inspect",
    sortOptions = false,
    description =
        "Show what an objective does to a text: the input that a model reads, the labels it is"
            + " asked for, and which rows each row sees.",
    footer = {
      "",
      "Examples:  culebra inspect mlm --text \"transformer models learn patterns from large text"
          + " corpora\"",
      "           culebra inspect span-corruption --profile t5 --tokenizer runs/clm/model --json",
      "           culebra inspect diffusion --profile cosine --image photo.png --out strip.png",
      "           culebra inspect all"
    })
final class InspectCommand implements Runnable {

  static final String ALL = "all";
  static final String DIFFUSION = "diffusion";
  static final String SENTENCE = "transformer models learn patterns from large text corpora";

  /** Draws the samples of {@link #SENTENCE} that textbooks print. */
  private static final String SEED = "77";

  /** Stands beside a text where an objective needs a second one. */
  private static final String OTHER = "whales dive deep to find their food";

  /** Objectives that change no text, with what they learn from. */
  private static final Map<String, String> OTHERS =
      Map.of(
          "clip", "images and their captions",
          "siglip", "pairs of images or texts",
          "caption", "images and their captions",
          "contrastive", "pairs of texts as they are",
          "multi", "the samples of its parts",
          "mixture", "the samples of its parts");

  @Parameters(
      paramLabel = "OBJECTIVE",
      description =
          "clm, mlm, prefix-lm, span-corruption, denoising, seq2seq, nsp, sop, ul2, electra, fim,"
              + " or all of them side by side; or diffusion.")
  String objective;

  @Option(
      names = "--text",
      paramLabel = "TEXT",
      description = {
        "The text (default: \"" + SENTENCE + "\").",
        "Given again: the target of seq2seq, another document for nsp and sop."
      })
  List<String> texts = List.of();

  @Option(
      names = "--profile",
      paramLabel = "NAME",
      description =
          "Variant of the objective, such as bert, hf, fairseq, t5 (default: the barest).")
  String profile;

  @Option(
      names = "--tokenizer",
      paramLabel = "FILE",
      description =
          "A tokenizer.json, or a folder with one; without it, tokens are what blanks separate.")
  Path tokenizer;

  @Option(
      names = "--image",
      paramLabel = "FILE",
      description = "For diffusion: an image to add noise to, written to the file of --out.")
  Path image;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "The PNG file for --image (default: ${DEFAULT-VALUE}).",
      defaultValue = "strip.png")
  Path out;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "What chance draws from (default: ${DEFAULT-VALUE}).",
      defaultValue = SEED)
  long seed;

  @Option(names = "--json", description = "Write one JSON object instead of tables.")
  boolean json;

  @Spec CommandSpec spec;

  @Override
  public void run() {
    if (objective.equals(DIFFUSION)) {
      noise();
      return;
    }
    if (image != null) {
      throw new BadInputException("--image belongs to diffusion: " + objective + " changes texts");
    }
    List<String> given = texts.isEmpty() ? List.of(SENTENCE) : texts;
    if (tokenizer == null) {
      List<String> known = new ArrayList<>(given);
      known.add(OTHER);
      inspect(given, Lexicon.words(known));
    } else {
      try (Tokenizer trained = Tokenizers.load(tokenizer)) {
        inspect(given, Lexicon.of(trained));
      }
    }
  }

  private void noise() {
    NoiseInspection inspection =
        new NoiseInspection(profile == null ? NoiseProcess.KINDS.getFirst() : profile);
    if (image != null) {
      PngFile.write(inspection.strip(image, seed), out);
      spec.commandLine().getErr().println("the image with more and more noise: " + out);
    }
    if (json) {
      print(Output.json(inspection.toMap()));
    } else {
      print(inspection.lines());
    }
  }

  private void inspect(List<String> given, Lexicon lexicon) {
    List<Text> read = new ArrayList<>();
    for (String text : given) {
      Text tokens = lexicon.read().apply(text);
      if (tokens.length() == 0) {
        throw new BadInputException("--text needs some text: an empty one has no tokens");
      }
      read.add(tokens);
    }
    if (objective.equals(ALL)) {
      all(read, lexicon);
    } else {
      one(read, lexicon);
    }
  }

  private void one(List<Text> read, Lexicon lexicon) {
    TextObjective chosen = TextObjective.named(objective).orElseThrow(this::unknown);
    if (chosen == TextObjective.SEQ2SEQ && read.size() < 2) {
      throw new BadInputException(
          "seq2seq learns from pairs: give --text twice, the source and then the target");
    }
    String name = profile == null ? chosen.profiles().getFirst() : profile;
    Inspection inspection =
        Inspection.of(chosen, name, seed, beside(chosen, read, lexicon), lexicon);
    if (json) {
      print(Output.json(inspection.toMap()));
    } else {
      print(paint(new InspectionView(inspection, width()).lines(), lexicon));
    }
  }

  private void all(List<Text> read, Lexicon lexicon) {
    if (profile != null) {
      throw new BadInputException(
          "--profile belongs to one objective: leave it out, or name the objective instead of all");
    }
    List<Inspection> inspections =
        Arrays.stream(TextObjective.values())
            .filter(each -> each != TextObjective.SEQ2SEQ || read.size() > 1)
            .map(
                each ->
                    Inspection.of(
                        each,
                        each.profiles().getFirst(),
                        seed,
                        beside(each, read, lexicon),
                        lexicon))
            .toList();
    if (json) {
      print(
          Output.json(Map.of("objectives", inspections.stream().map(Inspection::toMap).toList())));
      return;
    }
    List<String> lines = new ArrayList<>();
    lines.add(String.join(" ", inspections.getFirst().names(read.getFirst().tokens())));
    for (Inspection inspection : inspections) {
      lines.add("");
      lines.addAll(new InspectionView(inspection, width()).shortLines());
    }
    print(paint(lines, lexicon));
  }

  /** The texts that an objective works on: another one beside a lone text where it needs two. */
  private static List<Text> beside(TextObjective objective, List<Text> read, Lexicon lexicon) {
    if (!objective.pairsTexts() || read.size() > 1) {
      return read;
    }
    return List.of(read.getFirst(), lexicon.read().apply(OTHER));
  }

  private BadInputException unknown() {
    String other = OTHERS.get(objective);
    if (other != null) {
      return new BadInputException(
          "%s learns from %s: inspect shows what objectives do to a text, such as mlm or clm"
              .formatted(objective, other));
    }
    List<String> known = Arrays.stream(TextObjective.values()).map(TextObjective::key).toList();
    return new BadInputException(
        "inspect knows no objective '%s' that is made of a text; the nearest are %s; 'all' shows every one"
            .formatted(objective, String.join(", ", Setting.nearest(objective, known))));
  }

  /** Only a terminal gets broken lines. */
  private int width() {
    return coloured() ? Integer.getInteger("culebra.columns", 100) : Integer.MAX_VALUE;
  }

  private boolean coloured() {
    return spec.commandLine().getColorScheme().ansi().enabled();
  }

  private List<String> paint(List<String> lines, Lexicon lexicon) {
    return coloured() ? new Paint(lexicon.specials().added()).lines(lines) : lines;
  }

  private void print(List<String> lines) {
    print(String.join(System.lineSeparator(), lines));
  }

  private void print(String text) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(text);
  }
}
