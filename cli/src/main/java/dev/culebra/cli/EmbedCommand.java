package dev.culebra.cli;

import dev.culebra.data.read.BadRows;
import dev.culebra.data.read.PairFields;
import dev.culebra.data.read.PairFields.Header;
import dev.culebra.data.read.TextLines;
import dev.culebra.data.read.TextPairs;
import dev.culebra.objectives.pairs.EncoderInput;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.text.Format;
import dev.culebra.train.inference.Embeddings;
import dev.culebra.train.inference.Embeddings.Role;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes the embeddings of texts. */
@Command(
    name = "embed",
    sortOptions = false,
    description = {
      "Embed texts by a model of contrastive, clip or siglip, or a folder of"
          + " sentence-transformers.",
      "Without --out, JSON lines of text and embedding go to standard output."
    },
    footer = {
      "",
      "Examples:  culebra embed runs/contrastive \"a large body of water\"",
      "           culebra embed all-MiniLM-L6-v2/ --data lines.txt --out embeddings.npy"
    })
final class EmbedCommand implements Callable<Integer> {

  private static final String NPY = ".npy";
  private static final String LINES = ".jsonl";

  @Parameters(index = "0", paramLabel = "DIR", description = "Folder of a run or of a model.")
  Path folder;

  @Parameters(index = "1..*", arity = "0..*", paramLabel = "TEXT", description = "Texts to embed.")
  List<String> given = new ArrayList<>();

  @Option(
      names = "--data",
      paramLabel = "FILE",
      description =
          "Texts to embed: the lines of a file, or one side of the pairs of a .tsv, .csv,"
              + " .jsonl or .json file.")
  Path data;

  @Option(
      names = "--column",
      paramLabel = "NAME",
      description =
          "Which side of the pairs: source or target, or any field or named column"
              + " (default: ${DEFAULT-VALUE}).",
      defaultValue = "source")
  String column;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description =
          "Where to write: .npy, float32 of texts x values, as NumPy reads it, or .jsonl, an object"
              + " of text and embedding per line. It must not exist.")
  Path out;

  @Option(
      names = "--as",
      paramLabel = "ROLE",
      description =
          "What the texts are for, query or document: chooses the encoder where there are two, and"
              + " the prompt of that name.")
  Role role;

  @Option(
      names = "--prompt",
      paramLabel = "NAME",
      description =
          "The prompt of the model's folder to put before each text (default: the one that the"
              + " folder names).")
  String prompt;

  @Option(
      names = "--normalize",
      description =
          "Bring embeddings to unit length, also where the folder does not; those of runs have it.")
  boolean normalize;

  @Option(names = "--json", description = "Write what was done as one JSON object; needs --out.")
  boolean json;

  @Mixin DeviceOptions devices;

  @Spec CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    refuse();
    List<String> texts = texts();
    if (texts.isEmpty()) {
      throw new BadInputException("there is no text to embed: give texts, or a file by --data");
    }
    PrintWriter err = spec.commandLine().getErr();
    Embeddings.Options options =
        new Embeddings.Options(role == null ? Role.ANY : role, prompt, normalize);
    String where = data == null ? "what was given" : data.toString();
    try (Device device = devices.open();
        Embeddings embeddings = Embeddings.open(folder, device, options);
        ProgressView view = out == null ? ProgressView.none() : ProgressView.on(err)) {
      List<EncoderInput> read = embeddings.read(texts, where);
      devices.tell(err);
      EmbeddingWriter writer = new EmbeddingWriter(embeddings, texts, read, view);
      if (out == null) {
        writer.lines(spec.commandLine().getOut());
        return 0;
      }
      if (named(NPY)) {
        writer.array(out);
      } else {
        writer.lines(out);
      }
      view.close();
      tell(texts.size(), embeddings.dimension());
    }
    return 0;
  }

  private void refuse() {
    if (out == null) {
      if (json) {
        throw new BadInputException(
            "--json describes the file that --out names; without --out, embeddings are JSON lines");
      }
    } else if (!named(NPY) && !named(LINES)) {
      throw new BadInputException(
          Format.text(
              "--out %s must end with %s or %s, which says what is written", out, NPY, LINES));
    } else {
      OutFile.checkNew(out);
    }
    if (data != null && !given.isEmpty()) {
      throw new BadInputException("give texts, or --data, not both");
    }
  }

  private boolean named(String end) {
    return out.toString().toLowerCase(Locale.ROOT).endsWith(end);
  }

  private List<String> texts() {
    if (data == null) {
      return given;
    }
    if (Files.isDirectory(data) || !TextPairs.areIn(data)) {
      return TextLines.read(data);
    }
    List<String> texts = new ArrayList<>();
    boolean target = column.equals("target");
    boolean sides = target || column.equals("source");
    PairFields fields =
        sides ? PairFields.DEFAULT : new PairFields(column, column, "", "", Header.YES);
    TextPairs.of(List.of(data), fields)
        .read(new BadRows(0), pair -> texts.add(target ? pair.target() : pair.source()));
    return texts;
  }

  private void tell(int count, int dimension) {
    PrintWriter to = spec.commandLine().getOut();
    if (json) {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("file", out.toString());
      map.put("texts", count);
      map.put("dimension", dimension);
      to.println(Output.json(map));
    } else {
      to.println(
          Format.text(
              "%s: %s of %s",
              out, Format.count(count, "embeddings"), Format.count(dimension, "values")));
    }
  }
}
