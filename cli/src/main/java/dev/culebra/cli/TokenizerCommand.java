package dev.culebra.cli;

import dev.culebra.data.read.BadRows;
import dev.culebra.data.read.Corpus;
import dev.culebra.data.read.Document;
import dev.culebra.data.token.BpeTrainer;
import dev.culebra.data.token.ByteLevelBpe;
import dev.culebra.data.token.Tokenizer;
import dev.culebra.data.token.Tokenizers;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Trains a byte-level BPE, or shows what a tokenizer does to a text. */
@Command(
    name = "tokenizer",
    sortOptions = false,
    description = "Train a byte-level BPE and write tokenizer.json, or show the tokens of a text.",
    footer = {
      "",
      "Examples:  culebra tokenizer --data texts/ --vocabulary 8192 --out tokenizer.json",
      "           culebra tokenizer --file tokenizer.json --encode \"Call me Ishmael.\""
    })
final class TokenizerCommand implements Runnable {

  /** What a text is made of needs a tokenizer; a tokenizer is made of texts. */
  static final class Work {
    @ArgGroup(exclusive = false, heading = "Training%n")
    Training training;

    @ArgGroup(exclusive = false, heading = "Showing%n")
    Showing showing;
  }

  static final class Training {
    @Option(
        names = "--data",
        required = true,
        paramLabel = "PATH",
        description = "Text: a .txt, .md or .jsonl file, .gz of these, or a folder of them.")
    Path data;

    @Option(
        names = "--field",
        paramLabel = "NAME",
        description = "Field of a .jsonl line that holds the text (default: ${DEFAULT-VALUE}).",
        defaultValue = Corpus.DEFAULT_FIELD)
    String field;

    @Option(
        names = "--vocabulary",
        paramLabel = "N",
        description = "Token ids to make, at least 257 (default: ${DEFAULT-VALUE}).",
        defaultValue = "8192")
    int vocabulary;

    @Option(
        names = "--out",
        paramLabel = "FILE",
        description = "Where to write (default: ${DEFAULT-VALUE}).",
        defaultValue = "tokenizer.json")
    Path out;
  }

  static final class Showing {
    @Option(
        names = "--file",
        required = true,
        paramLabel = "FILE",
        description = "A tokenizer.json, or the folder of a run or of a model.")
    Path file;

    @Option(
        names = "--encode",
        required = true,
        paramLabel = "TEXT",
        description = "The text to show.")
    String text;
  }

  @ArgGroup(multiplicity = "0..1")
  Work work;

  @Spec CommandSpec spec;

  @Override
  public void run() {
    if (work == null) {
      throw new ParameterException(
          spec.commandLine(), "give --data to train, or --file and --encode to show tokens");
    }
    PrintWriter out = spec.commandLine().getOut();
    out.println(work.training == null ? show(work.showing) : train(work.training));
  }

  private static Table train(Training options) {
    OutFile.checkTokenizer(options.out);
    long begun = System.nanoTime();
    Corpus corpus = Corpus.of(List.of(options.data), options.field);
    BpeTrainer trainer = new BpeTrainer();
    long[] bytes = new long[1];
    BadRows bad = new BadRows();
    corpus.read(
        bad,
        document -> {
          trainer.add(document.text());
          bytes[0] += size(document);
        });
    ByteLevelBpe tokenizer = trainer.train(options.vocabulary);
    tokenizer.save(options.out);
    double seconds = (System.nanoTime() - begun) / 1e9;
    long[] tokens = new long[1];
    corpus.read(new BadRows(), document -> tokens[0] += tokenizer.encode(document.text()).length);
    Table table =
        new Table()
            .row("vocabulary", Format.text("%,d", tokenizer.vocabularySize()))
            .row(
                "text",
                Format.text(
                    "%s, %s", Format.count(bytes[0], "bytes"), Format.count(tokens[0], "tokens")));
    if (!bad.summary().isEmpty()) {
      table.row("left out", bad.summary());
    }
    return table
        .row("compression", format("%.3f bytes per token", (double) bytes[0] / tokens[0]))
        .row("time", format("%.1f s", seconds))
        .row("written", options.out.toString());
  }

  private static long size(Document document) {
    return document.text().getBytes(StandardCharsets.UTF_8).length;
  }

  private static String format(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }

  private static Table show(Showing options) {
    if (options.text.isEmpty()) {
      throw new BadInputException("--encode needs some text: an empty one has no tokens");
    }
    try (Tokenizer tokenizer = Tokenizers.load(options.file)) {
      Table table = new Table(0, 1).row("", "id", "token", "text");
      int[] ids = tokenizer.encodePrompt(options.text);
      for (int i = 0; i < ids.length; i++) {
        table.row(
            Integer.toString(i),
            Integer.toString(ids[i]),
            tokenizer.token(ids[i]),
            '"' + tokenizer.decode(new int[] {ids[i]}) + '"');
      }
      return table;
    }
  }
}
