package dev.culebra.train.run;

import dev.culebra.data.batch.Batch;
import dev.culebra.data.batch.EvaluationBatches;
import dev.culebra.data.token.Special;
import dev.culebra.data.token.Tokenizer;
import dev.culebra.models.bert.Encoder;
import dev.culebra.objectives.text.PackedExamples;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.text.Format;
import dev.culebra.train.inference.Filler;
import dev.culebra.train.inference.GenerationOptions;
import dev.culebra.train.inference.Generator;
import dev.culebra.train.inference.Prompt;
import dev.culebra.train.inference.PromptLayout;
import dev.culebra.train.run.Workload.SampleOutput;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What a model of text makes of the first held-out sample, for people: fills for masks, and
 * otherwise what it writes beside what it should have written.
 */
final class SampleOutputs {

  /** The most tokens of each text that is shown. */
  private static final int MOST = 60;

  private final TextSetup setup;
  private final Device device;

  private SampleOutputs(TextSetup setup, Device device) {
    this.setup = setup;
    this.device = device;
  }

  /** The showpiece of a task, or null if the held-out data has nothing to show. */
  static SampleOutput of(
      TextSetup setup, EvaluationBatches<PackedExamples> heldOut, Device device) {
    if (heldOut.batches() == 0) {
      return null;
    }
    PackedExamples batch = heldOut.newBatch();
    heldOut.fill(0, batch);
    if (batch.encoder().labelCount() + batch.decoder().labelCount() == 0) {
      return null; // texts too short for the objective: there is nothing to write
    }
    SampleOutputs shown = new SampleOutputs(setup, device);
    return switch (setup.task().architecture()) {
      case ENCODER -> shown.filled(batch.encoder(), (Encoder) setup.model());
      case ENCODER_DECODER -> shown.restored(batch);
      case DECODER ->
          setup.task().isCausal() ? shown.begun(batch.decoder()) : shown.written(batch.decoder());
    };
  }

  /** The last row of a batch's first sample, plus one. */
  private static int firstEnd(Batch rows) {
    return rows.segments() < 2 ? rows.rows() : rows.segmentStarts()[1];
  }

  private static int[] ids(Batch rows, int from, int to) {
    return Arrays.copyOfRange(rows.ids(), from, to);
  }

  private static int[] labels(Batch rows, int to) {
    return IntStream.range(0, to)
        .map(row -> rows.labels()[row])
        .filter(label -> label != Batch.IGNORE)
        .toArray();
  }

  private String text(int[] ids) {
    Tokenizer tokenizer = setup.data().tokenizer();
    int[] known = Arrays.stream(ids).filter(this::isShown).toArray();
    String text = tokenizer.decode(Arrays.copyOf(known, Math.min(MOST, known.length)));
    return text.strip().replaceAll("\\s+", " ") + (known.length > MOST ? " ..." : "");
  }

  /** Tokens that only begin, end or fill up are left out. */
  private boolean isShown(int id) {
    return id < setup.data().tokenizer().vocabularySize()
        && Stream.of(Special.BEGIN, Special.END, Special.PAD)
            .noneMatch(special -> setup.specials().id(special) == id);
  }

  /** Masks of the first sample: what was hidden, and the three likeliest fills. */
  private SampleOutput filled(Batch rows, Encoder encoder) {
    int mask = setup.specials().id(Special.MASK);
    int end = Math.min(firstEnd(rows), MOST);
    int[] ids = ids(rows, 0, end);
    int[] masked =
        IntStream.range(0, end)
            .filter(row -> ids[row] == mask && rows.labels()[row] != Batch.IGNORE)
            .limit(4)
            .toArray();
    if (masked.length == 0 || !encoder.fillsMasks()) {
      return null;
    }
    Filler filler = new Filler(device, encoder, setup.data().tokenizer());
    List<List<Filler.Candidate>> fills = filler.fill(ids, masked, 3);
    StringBuilder lines = new StringBuilder(text(ids)).append('\n');
    for (int i = 0; i < masked.length; i++) {
      lines.append(
          Format.text(
              "\n%s: %s",
              quoted(text(new int[] {rows.labels()[masked[i]]})),
              fills.get(i).stream()
                  .map(SampleOutputs::described)
                  .collect(Collectors.joining(", "))));
    }
    return new SampleOutput("Hidden tokens of a held-out text, and its fills:", lines.toString());
  }

  private static String described(Filler.Candidate candidate) {
    return String.format(
        Locale.ROOT,
        "%s %.0f %%",
        quoted(candidate.token().strip()),
        100 * candidate.probability());
  }

  private static String quoted(String text) {
    return '"' + text + '"';
  }

  /** What an encoder-decoder reads, should write, and writes. */
  private SampleOutput restored(PackedExamples batch) {
    int[] source = ids(batch.encoder(), 0, firstEnd(batch.encoder()));
    int end = firstEnd(batch.decoder());
    int asked = firstLabel(batch.decoder());
    Prompt prompt = Prompt.source(source, ids(batch.decoder(), 0, asked + 1));
    int[] wanted = labels(batch.decoder(), end);
    return new SampleOutput(
        "A held-out source, its target, and what it writes:",
        text(source) + "\n\n" + text(wanted) + "\n\n" + oneLine(write(prompt, wanted.length)));
  }

  private static int firstLabel(Batch rows) {
    int row = 0;
    while (row + 1 < rows.rows() && rows.labels()[row] == Batch.IGNORE) {
      row++;
    }
    return row;
  }

  /** What a decoder was given of a sample, should write, and writes. */
  private SampleOutput written(Batch rows) {
    int end = firstEnd(rows);
    int first = firstLabel(rows);
    boolean prefixed = first > 0;
    int given = prefixed ? first + 1 : Math.max(1, end / 2);
    int[] begun = ids(rows, 0, given);
    int[] wanted = prefixed ? labels(rows, end) : ids(rows, given, end);
    String text = write(new Prompt(null, begun, prefixed ? given : 0, false), wanted.length);
    return new SampleOutput(
        "What a held-out sample gives, what follows, and what it writes:",
        text(begun) + "\n\n" + text(wanted) + "\n\n" + oneLine(text));
  }

  /** A continuation of held-out text. */
  private SampleOutput begun(Batch rows) {
    Tokenizer tokenizer = setup.data().tokenizer();
    String prompt = tokenizer.decode(ids(rows, 0, Math.min(16, rows.rows())));
    PromptLayout layout = PromptLayout.of(setup.task(), tokenizer);
    try (Generator generator = new Generator(device, setup.model(), tokenizer, layout)) {
      GenerationOptions options = new GenerationOptions(100, 0.8, 50, 1, 1);
      String text = generator.generate(prompt, options, more -> {});
      return new SampleOutput("After \"" + oneLine(prompt) + "\" it writes:", text);
    }
  }

  /** The likeliest text, token by token. */
  private String write(Prompt prompt, int tokens) {
    Tokenizer tokenizer = setup.data().tokenizer();
    PromptLayout layout = PromptLayout.of(setup.task(), tokenizer);
    try (Generator generator = new Generator(device, setup.model(), tokenizer, layout)) {
      int most = Math.min(MOST, Math.max(1, tokens));
      return generator.write(prompt, new GenerationOptions(most, 0, 0, 1, 1), more -> {});
    }
  }

  private static String oneLine(String text) {
    return text.strip().replaceAll("\\s+", " ");
  }
}
