package dev.culebra.cli;

import dev.culebra.data.token.Template;
import dev.culebra.data.token.Text;
import dev.culebra.data.token.Tokenizer;
import dev.culebra.data.token.Tokenizers;
import dev.culebra.models.dit.NoiseProcess;
import dev.culebra.objectives.text.corruption.TextObjective;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import dev.culebra.train.recipe.NearNames;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.recipe.Settings;
import dev.culebra.train.setup.RecipeObjective;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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
            + " asked for, and which rows each row sees; or what it asks of pairs.",
    footer = {
      "",
      "Examples:  culebra inspect mlm --text \"transformer models learn patterns from large text"
          + " corpora\"",
      "           culebra inspect span-corruption --profile t5 --tokenizer runs/clm/model --json",
      "           culebra inspect mlm --set corruption.rate=0.5 --text \"one text\" --text \"and"
          + " another\"",
      "           culebra inspect contrastive --data pairs.tsv",
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

  /** A sentence of so many tokens fills a sample alone. */
  private static final int LONG = 100;

  @Parameters(
      paramLabel = "OBJECTIVE",
      description =
          "clm, mlm, prefix-lm, span-corruption, denoising, seq2seq, nsp, sop, ul2, electra, fim,"
              + " or all of them side by side; mixture, multi; contrastive, clip, siglip, caption,"
              + " coca; or diffusion.")
  String objective;

  @Option(
      names = "--text",
      paramLabel = "TEXT",
      description = {
        "The text (default: \"" + SENTENCE + "\").",
        "Given again: the target of seq2seq, another document for nsp, else another text"
            + " in the same batch."
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
          "A tokenizer.json, or the folder of a run or of a model; without it, tokens are what"
              + " blanks separate.")
  Path tokenizer;

  @Option(
      names = "--data",
      paramLabel = "PATH",
      description =
          "For objectives of pairs: a file of pairs, or a folder of images with captions"
              + " (default: the sample).")
  Path data;

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
      names = "--set",
      paramLabel = "KEY=VALUE",
      description =
          "A setting of the objective's recipe, such as corruption.rate=0.3; may be repeated.")
  List<String> assignments = List.of();

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
    if (!assignments.isEmpty() && (objective.equals(DIFFUSION) || objective.equals(ALL))) {
      throw new BadInputException(
          "--set changes the recipe of one objective of text or of pairs: leave it out for "
              + objective);
    }
    if (objective.equals(DIFFUSION)) {
      noise();
      return;
    }
    if (image != null) {
      throw new BadInputException(
          Format.text("--image belongs to diffusion: leave it out for %s", objective));
    }
    if (PairInspection.TASKS.containsKey(objective)) {
      pairs();
      return;
    }
    if (data != null) {
      throw new BadInputException(
          Format.text("--data belongs to objectives of pairs: give %s a --text", objective));
    }
    List<String> given = texts.isEmpty() ? List.of(SENTENCE) : texts;
    if (tokenizer == null) {
      List<String> known = new ArrayList<>(given);
      known.add(OTHER);
      inspect(given, InspectTokenizer.words(known));
    } else {
      try (Tokenizer trained = Tokenizers.load(tokenizer)) {
        boolean causal = objective.equals(TextObjective.CLM.key());
        Template around = causal ? trained.traits().template() : Template.NONE;
        inspect(given, InspectTokenizer.typed(trained, around));
      }
    }
  }

  private void pairs() {
    if (!texts.isEmpty()) {
      throw new BadInputException(
          Format.text(
              "%s learns from pairs: give --data, a file of them, and no --text", objective));
    }
    try (Tokenizer trained = tokenizer == null ? null : Tokenizers.load(tokenizer)) {
      PairInspection inspection =
          PairInspection.of(
              new PairInspection.Request(objective, profile, assignments, data, trained, seed),
              spec.commandLine().getErr()::println);
      if (json) {
        print(Output.json(inspection.toMap()));
      } else {
        print(inspection.lines(width()));
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

  private void inspect(List<String> given, InspectTokenizer lexicon) {
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
    } else if (PartInspections.OBJECTIVES.contains(objective)) {
      parts(read, lexicon);
    } else {
      one(read, lexicon);
    }
  }

  private void one(List<Text> read, InspectTokenizer lexicon) {
    TextObjective chosen = TextObjective.named(objective).orElseThrow(this::unknown);
    if (chosen == TextObjective.SEQ2SEQ) {
      requirePair(read);
    }
    List<Inspection> inspections = new ArrayList<>();
    boolean together = setsBeside(chosen);
    for (int i = 0; i < (together ? 1 : read.size()); i++) {
      List<Text> texts = together ? beside(chosen, read, lexicon) : alone(chosen, read.get(i));
      inspections.add(Inspection.of(part(chosen), seed, i, texts, lexicon));
    }
    if (json) {
      print(
          Output.json(
              inspections.size() == 1 ? inspections.getFirst().toMap() : samples(inspections)));
    } else {
      print(paint(new InspectionView(inspections, width()).lines(), lexicon));
    }
  }

  /** All samples of a batch; an objective of pairs has the first one's figures beside them. */
  private static Map<String, Object> samples(List<Inspection> inspections) {
    Map<String, Object> map = new LinkedHashMap<>();
    if (inspections.getFirst().objective().pairsTexts()) {
      map.putAll(inspections.getFirst().toMap());
    }
    map.put("samples", inspections.stream().map(Inspection::toMap).toList());
    return map;
  }

  private static void requirePair(List<Text> read) {
    if (read.size() < 2) {
      throw new BadInputException(
          "seq2seq learns from pairs: give --text twice, the source and then the target");
    }
  }

  /** The objective as its recipe has it where settings are given, else its barest profile. */
  private RecipeObjective part(TextObjective chosen) {
    if (assignments.isEmpty()) {
      String name = profile == null ? chosen.profiles().getFirst() : profile;
      return RecipeObjective.of(chosen, name);
    }
    Recipe recipe = Recipe.named(chosen.key());
    if (profile != null) {
      recipe = recipe.with(Settings.PROFILE, profile);
    }
    return RecipeObjective.of(Assignments.set(recipe, assignments)).getFirst();
  }

  private void parts(List<Text> read, InspectTokenizer lexicon) {
    if (profile != null) {
      throw new BadInputException(
          Format.text(
              "--profile belongs to one objective: name a part of %s to see its variants",
              objective));
    }
    Recipe recipe = Assignments.set(Recipe.named(objective), assignments);
    List<RecipeObjective> parts = RecipeObjective.of(recipe);
    if (parts.stream().anyMatch(part -> part.objective() == TextObjective.SEQ2SEQ)) {
      requirePair(read);
    }
    List<Inspection> inspections =
        parts.stream()
            .map(
                part ->
                    Inspection.of(part, seed, 0, beside(part.objective(), read, lexicon), lexicon))
            .toList();
    PartInspections all =
        new PartInspections(objective, parts, inspections, RecipeObjective.contrast(recipe));
    if (json) {
      print(Output.json(all.toMap()));
    } else {
      print(paint(all.lines(width()), lexicon));
    }
  }

  private void all(List<Text> read, InspectTokenizer lexicon) {
    if (profile != null) {
      throw new BadInputException(
          "--profile belongs to one objective: leave it out, or name the objective instead of all");
    }
    List<Map<String, Object>> maps = new ArrayList<>();
    List<String> lines = new ArrayList<>();
    lines.add(
        IntStream.of(read.getFirst().tokens())
            .mapToObj(lexicon::name)
            .collect(Collectors.joining(" ")));
    for (TextObjective each : TextObjective.values()) {
      if (each == TextObjective.SEQ2SEQ && read.size() < 2) {
        continue;
      }
      lines.add("");
      RecipeObjective part = RecipeObjective.of(each, each.profiles().getFirst());
      try {
        Inspection inspection = Inspection.of(part, seed, 0, beside(each, read, lexicon), lexicon);
        maps.add(inspection.toMap());
        lines.addAll(new InspectionView(inspection, width()).shortLines());
      } catch (BadInputException e) {
        maps.add(Map.of("objective", each.key(), "refused", e.getMessage()));
        lines.add(Format.text("%s  (%s)", each.key(), part.profile()));
        lines.add("  " + e.getMessage());
      }
    }
    if (json) {
      print(Output.json(Map.of("objectives", maps)));
    } else {
      print(paint(lines, lexicon));
    }
  }

  /** The texts that an objective works on: another one beside a lone text where it needs two. */
  private static List<Text> beside(
      TextObjective objective, List<Text> read, InspectTokenizer lexicon) {
    if (!setsBeside(objective)) {
      return alone(objective, read.getFirst());
    }
    if (read.size() > 1) {
      return read;
    }
    return List.of(read.getFirst(), lexicon.read().apply(OTHER));
  }

  /** Whether an objective shows two texts in one sample; sop shows one in two orders. */
  private static boolean setsBeside(TextObjective objective) {
    return objective.pairsTexts() && objective != TextObjective.SOP;
  }

  /** A text by itself; one whose order is asked in at least two parts, or it would get another. */
  private static List<Text> alone(TextObjective objective, Text text) {
    boolean whole = text.sentences().getFirst().length() > LONG || text.sentences().size() == 1;
    return List.of(objective == TextObjective.SOP && whole ? text.halved() : text);
  }

  private BadInputException unknown() {
    List<String> known = new ArrayList<>(PairInspection.TASKS.keySet());
    known.sort(Comparator.naturalOrder());
    known.addAll(PartInspections.OBJECTIVES);
    known.add(DIFFUSION);
    Arrays.stream(TextObjective.values()).map(TextObjective::key).forEach(known::add);
    return new BadInputException(
        Format.text(
            "inspect knows no objective '%s'%s; 'all' shows every one of text",
            objective,
            NearNames.of(objective, known).orElse("; 'culebra help objectives' lists them")));
  }

  /** Only a terminal gets broken lines. */
  private int width() {
    return coloured() ? Integer.getInteger("culebra.columns", 100) : Integer.MAX_VALUE;
  }

  private boolean coloured() {
    return spec.commandLine().getColorScheme().ansi().enabled();
  }

  private List<String> paint(List<String> lines, InspectTokenizer lexicon) {
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
