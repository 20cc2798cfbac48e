package dev.culebra.train.inference;

import dev.culebra.data.token.Special;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.data.token.Template;
import dev.culebra.data.token.Tokenizer;
import dev.culebra.data.token.Tokenizers;
import dev.culebra.models.ModelFolder;
import dev.culebra.models.bert.Encoder;
import dev.culebra.models.nn.TokenModel;
import dev.culebra.objectives.text.PackedExamples;
import dev.culebra.objectives.text.PackedInputs;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.device.Turns;
import dev.culebra.runtime.kernel.CrossEntropy;
import dev.culebra.runtime.tensor.LanguageHead;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.runtime.text.Format;
import dev.culebra.train.recipe.RunFolder;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Fills the masks of a text with a trained encoder. Threads take turns. */
public final class Filler implements AutoCloseable {

  private final Device device;
  private final Encoder encoder;
  private final boolean owns;
  private final Tokenizer tokenizer;
  private final SpecialTokens specials;
  private final LanguageHead head;

  /**
   * What may stand for a mask.
   *
   * @param token its text
   * @param probability from 0 to 1
   */
  public record Candidate(String token, double probability) {}

  /** A filler over an encoder that the caller keeps. */
  public Filler(Device device, Encoder encoder, Tokenizer tokenizer) {
    this(device, encoder, tokenizer, false);
  }

  private Filler(Device device, Encoder encoder, Tokenizer tokenizer, boolean owns) {
    this.device = device;
    this.encoder = encoder;
    this.owns = owns;
    this.tokenizer = tokenizer;
    this.specials = SpecialTokens.in(tokenizer, 0);
    this.head = encoder.head(CrossEntropy.PLAIN, 1 << 25);
  }

  /**
   * Opens the model of a run's folder or a model folder.
   *
   * @throws BadInputException if it is not an encoder with a head for tokens
   */
  public static Filler open(Path folder, Device device) {
    try (Turns.Turn _ = device.turn()) {
      return opened(folder, device);
    }
  }

  private static Filler opened(Path folder, Device device) {
    Path place = RunFolder.modelIn(folder);
    Tokenizer tokenizer = Tokenizers.load(ModelFolder.tokenizer(place));
    TokenModel model = null;
    Filler filler = null;
    try {
      model = ModelFolder.load(place, device, TokenModel.class, "fill");
      Generator.checkVocabulary(place, tokenizer, model.vocabulary());
      if (!(model instanceof Encoder encoder && encoder.fillsMasks())) {
        throw new BadInputException(
            Format.text(
                "%s holds a model that fills no masks, %s: train one with 'culebra train mlm';"
                    + " decoders write with 'culebra generate'",
                folder, model.description()));
      }
      filler = new Filler(device, encoder, tokenizer, true);
      return filler;
    } finally {
      if (filler == null) {
        tokenizer.close();
        if (model != null) {
          model.close();
        }
      }
    }
  }

  /**
   * The most probable tokens for each mask of a text, the first mask's first.
   *
   * @param text with masks, written [MASK]
   * @param candidates how many for each
   * @throws BadInputException if the text has no mask, or is too long
   */
  public List<List<Candidate>> fill(String text, int candidates) {
    int mask = specials.id(Special.MASK);
    int[] ids = frame().frame(TypedText.masked(tokenizer, specials).encode(text));
    int[] rows = IntStream.range(0, ids.length).filter(i -> ids[i] == mask).toArray();
    if (rows.length == 0) {
      throw new BadInputException(
          "the text has no mask: write [MASK] where a token is wanted, as in \"the [MASK] sea\"");
    }
    if (ids.length > encoder.context()) {
      throw new BadInputException(
          Format.text(
              "the text takes %s, but the model has %s: give a shorter one",
              Format.count(ids.length, "tokens"), Format.count(encoder.context(), "positions")));
    }
    return fill(ids, rows, candidates);
  }

  /** What stands around a text: what the tokenizer says, or else what training puts there. */
  private Template frame() {
    Template own = tokenizer.traits().template();
    return own.isEmpty()
        ? new Template(List.of(specials.id(Special.BEGIN)), List.of(specials.id(Special.END)))
        : own;
  }

  /** The most probable tokens for rows of a text that has its special tokens. */
  public List<List<Candidate>> fill(int[] ids, int[] rows, int candidates) {
    int vocabulary = encoder.vocabulary();
    PackedExamples host = new PackedExamples(1, ids.length, 1);
    host.begin();
    host.add(ids, new int[0]);
    host.finish(ids[0]);
    List<List<Candidate>> all = new ArrayList<>();
    float[] logits = new float[vocabulary];
    try (Turns.Turn _ = device.turn();
        PackedInputs slot = new PackedInputs(device, host, encoder);
        Tape tape = Tape.forwardOnly(device)) {
      slot.upload(host);
      Buffer every = head.logits(tape, encoder.forward(tape, slot.input()));
      for (int row : rows) {
        device.download(
            MemorySegment.ofArray(logits), every.slice((long) row * vocabulary, vocabulary));
        all.add(best(logits, candidates));
      }
      every.release();
    }
    return all;
  }

  /**
   * The tokens of the largest logits, special ones left out, with their probabilities among all.
   */
  private List<Candidate> best(float[] logits, int candidates) {
    float largest = Float.NEGATIVE_INFINITY;
    for (float logit : logits) {
      largest = Math.max(largest, logit);
    }
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - largest);
    }
    double total = sum;
    float top = largest;
    return IntStream.range(0, Math.min(logits.length, tokenizer.vocabularySize()))
        .filter(id -> !specials.isSpecial(id))
        .boxed()
        .sorted(Comparator.comparingDouble((Integer id) -> -logits[id]))
        .limit(candidates)
        .map(
            id ->
                new Candidate(tokenizer.decode(new int[] {id}), Math.exp(logits[id] - top) / total))
        .toList();
  }

  /** Frees what this filler opened. */
  @Override
  public void close() {
    try (Turns.Turn _ = device.turn()) {
      if (owns) {
        encoder.close();
        tokenizer.close();
      }
    }
  }
}
