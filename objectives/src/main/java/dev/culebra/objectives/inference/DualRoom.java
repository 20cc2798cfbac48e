package dev.culebra.objectives.inference;

import dev.culebra.objectives.architecture.DecoderTexts;
import dev.culebra.objectives.architecture.DualEncoder;
import dev.culebra.objectives.architecture.ImageTextEncoder;
import dev.culebra.objectives.architecture.ImageTextShape;
import dev.culebra.objectives.architecture.ImageTextShape.Design;
import dev.culebra.objectives.architecture.TextEncoders;
import dev.culebra.objectives.batch.Members;
import dev.culebra.objectives.batch.PictureMembers;
import dev.culebra.objectives.batch.TextMembers;
import dev.culebra.objectives.batch.TextMembers.Attention;
import dev.culebra.objectives.corpus.PictureSize;
import dev.culebra.objectives.data.TextEncoding;
import dev.culebra.objectives.image.Preprocessing;
import dev.culebra.objectives.image.PreprocessorConfig;
import dev.culebra.objectives.token.Tokenizer;
import dev.culebra.runtime.BadInputException;
import java.nio.file.Path;

/**
 * What a dual encoder reads on each side.
 *
 * @param how pictures become what it reads; null if it reads none
 */
public record DualRoom(DualEncoder model, Preprocessing how) {

  /** Of a new model. */
  public static DualRoom fresh(DualEncoder model) {
    return new DualRoom(
        model,
        switch (model) {
          case TextEncoders _, DecoderTexts _ -> null;
          case ImageTextEncoder both -> {
            ImageTextShape shape = both.shape();
            yield fresh(shape.design(), shape.image(), shape.channels());
          }
        });
  }

  /** How pictures become what a new model reads. */
  public static Preprocessing fresh(Design design, int side, int channels) {
    Preprocessing.Kind kind =
        design == Design.CLIP ? Preprocessing.Kind.CLIP : Preprocessing.Kind.VIT;
    return Preprocessing.square(kind, side, channels);
  }

  /**
   * Of a model from a folder, which says how pictures become what it reads.
   *
   * @throws BadInputException if it does not, or they would have another size
   */
  public static DualRoom of(DualEncoder model, Path folder) {
    return new DualRoom(
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
  public Members left(int count) {
    return switch (model) {
      case TextEncoders _, DecoderTexts _ -> right(count);
      case ImageTextEncoder both -> {
        ImageTextShape s = both.shape();
        yield new PictureMembers(count, s.image(), s.channels(), s.patch(), how.normalisation());
      }
    };
  }

  /** Room for keys. */
  public Members right(int count) {
    Attention attention = model.readsBothWays() ? Attention.WHOLE : Attention.CAUSAL;
    return new TextMembers(count, model.context(), attention);
  }

  /** Room for keys that are captions to be written. */
  public Members captions(int count) {
    return new TextMembers(count, model.context(), Attention.CAPTION);
  }

  /** How texts become ids. */
  public TextEncoding encoding(Tokenizer tokenizer) {
    return switch (model) {
      case TextEncoders _, DecoderTexts _ -> TextEncoding.plain(tokenizer, model.context());
      case ImageTextEncoder both -> TextEncoding.framed(tokenizer, both.context());
    };
  }

  /** The pictures that it reads, or null if it reads none. */
  public PictureSize pictures() {
    return switch (model) {
      case TextEncoders _, DecoderTexts _ -> null;
      case ImageTextEncoder both ->
          new PictureSize(both.shape().image(), both.shape().channels(), true, how);
    };
  }
}
