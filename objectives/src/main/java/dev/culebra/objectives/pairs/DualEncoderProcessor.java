package dev.culebra.objectives.pairs;

import dev.culebra.data.image.Preprocessing;
import dev.culebra.data.image.PreprocessorConfig;
import dev.culebra.data.read.ImageSize;
import dev.culebra.data.token.Tokenizer;
import dev.culebra.models.dual.DecoderTexts;
import dev.culebra.models.dual.DualEncoder;
import dev.culebra.models.dual.ImageTextEncoder;
import dev.culebra.models.dual.ImageTextShape;
import dev.culebra.models.dual.ImageTextShape.Design;
import dev.culebra.models.dual.TextEncoders;
import dev.culebra.objectives.pairs.TextBatch.Attention;
import dev.culebra.runtime.BadInputException;
import java.nio.file.Path;

/**
 * What a dual encoder reads on each side.
 *
 * @param how images become what it reads; null if it reads none
 */
public record DualEncoderProcessor(DualEncoder model, Preprocessing how) {

  /** Of a new model. */
  public static DualEncoderProcessor fresh(DualEncoder model) {
    return new DualEncoderProcessor(
        model,
        switch (model) {
          case TextEncoders _, DecoderTexts _ -> null;
          case ImageTextEncoder both -> {
            ImageTextShape shape = both.shape();
            yield fresh(shape.design(), shape.image(), shape.channels());
          }
        });
  }

  /** How images become what a new model reads. */
  public static Preprocessing fresh(Design design, int side, int channels) {
    Preprocessing.Kind kind =
        design == Design.CLIP ? Preprocessing.Kind.CLIP : Preprocessing.Kind.VIT;
    return Preprocessing.square(kind, side, channels);
  }

  /**
   * Of a model from a folder, which says how images become what it reads.
   *
   * @throws BadInputException if it does not, or they would have another size
   */
  public static DualEncoderProcessor of(DualEncoder model, Path folder) {
    return new DualEncoderProcessor(
        model,
        switch (model) {
          case TextEncoders _, DecoderTexts _ -> null;
          case ImageTextEncoder both -> {
            ImageTextShape shape = both.shape();
            yield PreprocessorConfig.read(folder)
                .requiring(folder, shape.image(), shape.channels());
          }
        });
  }

  /** Room for queries. */
  public EncoderBatch left(int count) {
    return switch (model) {
      case TextEncoders _, DecoderTexts _ -> right(count);
      case ImageTextEncoder both -> {
        ImageTextShape s = both.shape();
        yield new ImageBatch(count, s.image(), s.channels(), s.patch(), how.normalisation());
      }
    };
  }

  /** Room for keys. */
  public EncoderBatch right(int count) {
    Attention attention = model.readsBothWays() ? Attention.WHOLE : Attention.CAUSAL;
    return new TextBatch(count, model.context(), attention);
  }

  /** Room for keys that are captions to be written. */
  public EncoderBatch captions(int count) {
    return new TextBatch(count, model.context(), Attention.CAPTION);
  }

  /** How texts become ids. */
  public TextEncoding encoding(Tokenizer tokenizer) {
    return switch (model) {
      case TextEncoders _, DecoderTexts _ -> TextEncoding.plain(tokenizer, model.context());
      case ImageTextEncoder both -> TextEncoding.framed(tokenizer, both.context());
    };
  }

  /** The images that it reads, or null if it reads none. */
  public ImageSize images() {
    return switch (model) {
      case TextEncoders _, DecoderTexts _ -> null;
      case ImageTextEncoder both ->
          new ImageSize(both.shape().image(), both.shape().channels(), true, how);
    };
  }
}
