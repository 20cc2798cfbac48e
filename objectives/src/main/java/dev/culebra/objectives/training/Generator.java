package dev.culebra.objectives.training;

import dev.culebra.objectives.architecture.Decoder;
import dev.culebra.objectives.architecture.KvCache;
import dev.culebra.objectives.architecture.ModelFolder;
import dev.culebra.objectives.batch.Batch;
import dev.culebra.objectives.objective.DeviceBatch;
import dev.culebra.objectives.token.Tokenizer;
import dev.culebra.objectives.token.Tokenizers;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.kernel.CrossEntropy;
import dev.culebra.runtime.tensor.LanguageHead;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.runtime.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Writes text with a trained decoder, one token at a time.
 *
 * <p>Keys and values of earlier tokens are kept. When the context is full, its later half is read
 * again as a new beginning.
 */
public final class Generator implements AutoCloseable {

  private final Device device;
  private final Decoder decoder;
  private final boolean ownsDecoder;
  private final Tokenizer tokenizer;
  private final LanguageHead head;
  private final KvCache cache;
  private final Batch host;
  private final DeviceBatch batch;
  private final float[] logits;

  /** A generator over a decoder that the caller keeps. */
  Generator(Device device, Decoder decoder, Tokenizer tokenizer) {
    this(device, decoder, tokenizer, false);
  }

  private Generator(Device device, Decoder decoder, Tokenizer tokenizer, boolean owns) {
    this.device = device;
    this.decoder = decoder;
    this.ownsDecoder = owns;
    this.tokenizer = tokenizer;
    this.head = decoder.head(CrossEntropy.PLAIN, 1 << 25);
    this.cache = new KvCache(device, decoder.shape());
    this.host = new Batch(1, decoder.shape().context());
    this.batch =
        new DeviceBatch(device, "prompt", host.capacity(), decoder.vocabulary(), decoder.context());
    this.logits = new float[decoder.shape().vocabulary()];
  }

  /** Opens the model of a run's folder or a model folder. */
  public static Generator open(Path folder, Device device) {
    Path model = modelFolder(folder);
    Tokenizer tokenizer = Tokenizers.load(ModelFolder.tokenizer(model));
    Decoder decoder = ModelFolder.load(model, device, Decoder.class, "generate");
    if (tokenizer.vocabularySize() > decoder.shape().vocabulary()) {
      int vocabulary = decoder.shape().vocabulary();
      decoder.close();
      throw new BadInputException(
          ModelFolder.tokenizer(model)
              + " has "
              + tokenizer.vocabularySize()
              + " token ids, but the model beside it has "
              + vocabulary);
    }
    return new Generator(device, decoder, tokenizer, true);
  }

  /** The folder of the model in a run's folder, or the folder itself. */
  static Path modelFolder(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new BadInputException(
          "there is no folder " + folder + ": give the folder of a run or of a model");
    }
    Path inside = folder.resolve(RunFolder.MODEL);
    return Files.isDirectory(inside) ? inside : folder;
  }

  /**
   * Continues {@code prompt}; an empty one stands for the beginning of a document.
   *
   * @param onText receives the text as it grows, the prompt excluded
   * @return the text after the prompt
   */
  public String generate(String prompt, GenerationOptions options, Consumer<String> onText) {
    Sampler sampler = new Sampler(options);
    int[] ids = tokenizer.encode(prompt);
    if (ids.length == 0) {
      ids = new int[] {tokenizer.endOfText()};
    }
    int context = decoder.shape().context();
    int[] written = new int[options.tokens()];
    int count = 0;
    int told = 0;
    cache.clear();
    int[] pending =
        ids.length > context ? Arrays.copyOfRange(ids, ids.length - context, ids.length) : ids;
    int[] seen = pending;
    while (count < options.tokens()) {
      if (cache.length() + pending.length > context) {
        cache.clear();
        pending = Arrays.copyOfRange(seen, seen.length - Math.max(1, context / 2), seen.length);
        seen = pending;
      }
      read(pending);
      int id = sampler.draw(logits);
      if (id == tokenizer.endOfText()) {
        break;
      }
      written[count++] = id;
      pending = new int[] {id};
      seen = Arrays.copyOf(seen, seen.length + 1);
      seen[seen.length - 1] = id;
      told = tell(written, count, told, onText);
    }
    String text = tokenizer.decode(Arrays.copyOf(written, count));
    if (told < text.length()) {
      onText.accept(text.substring(told));
    }
    return text;
  }

  /** Passes on what is new, except a character whose bytes have not all arrived. */
  private int tell(int[] written, int count, int told, Consumer<String> onText) {
    String text = tokenizer.decode(Arrays.copyOf(written, count));
    int end = text.length();
    while (end > told && text.charAt(end - 1) == '\uFFFD') {
      end--;
    }
    if (end > told) {
      onText.accept(text.substring(told, end));
      return end;
    }
    return told;
  }

  /** Reads tokens after those in the cache; leaves the logits after the last one. */
  private void read(int[] ids) {
    host.begin();
    host.beginSegment();
    int past = cache.length();
    for (int i = 0; i < ids.length; i++) {
      host.add(ids[i], past + i, 0, past + i + 1, Batch.IGNORE);
    }
    host.finish();
    batch.upload(host);
    try (Tape tape = Tape.forwardOnly(device)) {
      Tensor hidden = decoder.forward(tape, batch.rows(), cache);
      Buffer all = head.logits(tape, hidden);
      device.download(
          MemorySegment.ofArray(logits),
          all.slice((ids.length - 1L) * logits.length, logits.length));
      all.release();
    }
    cache.advance(ids.length);
  }

  /** Frees what this generator allocated. */
  @Override
  public void close() {
    batch.close();
    cache.close();
    if (ownsDecoder) {
      decoder.close();
      tokenizer.close();
    }
  }
}
