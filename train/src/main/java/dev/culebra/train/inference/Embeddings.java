package dev.culebra.train.inference;

import dev.culebra.models.dual.TextEncoders;
import dev.culebra.objectives.pairs.EncoderInput;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.text.Format;
import dev.culebra.train.inference.TextPrompts.Use;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Embeddings of texts by a trained dual encoder: one of a run, or of a folder of Sentence
 * Transformers, whose prompts, pooling and normalisation are followed. Threads take turns.
 */
public final class Embeddings implements AutoCloseable {

  private static final int AT_ONCE = 64;

  private final OpenDual open;
  private final boolean left;
  private final String prompt;
  private final boolean unit;

  private Embeddings(OpenDual open, boolean left, String prompt, boolean unit) {
    this.open = open;
    this.left = left;
    this.prompt = prompt;
    this.unit = unit;
  }

  /** What a text is embedded for. */
  public enum Role {
    /** Nothing in particular: a model with two encoders cannot tell which one to ask. */
    ANY,
    /** To find others. */
    QUERY,
    /** To be found. */
    DOCUMENT
  }

  /**
   * How texts are embedded.
   *
   * @param role chooses the encoder, and the prompt by its usual name
   * @param prompt the name of another prompt; null for that of the role
   * @param unit whether embeddings get unit length, whatever the folder says
   */
  public record Options(Role role, String prompt, boolean unit) {}

  /** Takes embeddings in the order of their texts. */
  public interface Sink {
    /**
     * Takes one.
     *
     * @param number that of its text, from 0
     */
    void take(int number, float[] embedding) throws IOException;
  }

  /**
   * Opens the model of a run's folder or a model folder.
   *
   * @throws BadInputException if it embeds no texts, or has no such prompt
   */
  public static Embeddings open(Path folder, Device device, Options options) {
    OpenDual open = OpenDual.open(folder, device, "embed");
    try {
      boolean two = open.model() instanceof TextEncoders texts && !texts.shared();
      if (two && options.role == Role.ANY) {
        throw new BadInputException(
            Format.text(
                "%s has an encoder for each side of a pair: say --as query or --as document",
                folder));
      }
      Use use = Use.valueOf(options.role.name());
      String prompt =
          options.prompt == null
              ? open.prompts().prompt(use)
              : open.prompts().named(options.prompt);
      boolean left = open.room().images() == null && options.role == Role.QUERY;
      return new Embeddings(open, left, prompt, options.unit);
    } catch (RuntimeException e) {
      open.close();
      throw e;
    }
  }

  /** Values of an embedding. */
  public int dimension() {
    return open.model().dimension();
  }

  /**
   * Embeds texts, some at a time.
   *
   * @param texts as {@link #read} gives them
   */
  public void embed(List<EncoderInput> texts, Sink sink) throws IOException {
    try (Embedder embedder = open.embedder(texts.size(), left)) {
      for (int from = 0; from < texts.size(); from += AT_ONCE) {
        float[][] embeddings =
            embedder.embed(texts.subList(from, Math.min(texts.size(), from + AT_ONCE)));
        for (int i = 0; i < embeddings.length; i++) {
          if (unit) {
            Embedder.toUnitLength(embeddings[i]);
          }
          sink.take(from + i, embeddings[i]);
        }
      }
    }
  }

  /**
   * Texts as the model reads them.
   *
   * @param where the first text stands, for complaints: a file
   * @throws BadInputException if one of them is empty
   */
  public List<EncoderInput> read(List<String> texts, String where) {
    EncoderInput[] members = new EncoderInput[texts.size()];
    for (int i = 0; i < members.length; i++) {
      try {
        members[i] = open.text(prompt, texts.get(i));
      } catch (BadInputException e) {
        throw new BadInputException(
            Format.text("%s, text %,d: %s", where, i + 1, e.getMessage()), e);
      }
    }
    return List.of(members);
  }

  /** Frees the model. */
  @Override
  public void close() {
    open.close();
  }
}
