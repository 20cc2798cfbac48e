package dev.culebra.models.dual;

import dev.culebra.models.bert.EncoderShape;
import dev.culebra.models.nn.Sizes;
import dev.culebra.models.nn.TransformerShape;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.kernel.Activation;
import dev.culebra.runtime.kernel.Norm;
import dev.culebra.runtime.text.Format;

/**
 * The shape of an {@link ImageTextEncoder}.
 *
 * @param design which towers it has
 * @param text the tower that reads texts, whose vocabulary and context are the next two
 * @param vocabulary number of token ids, V
 * @param context most tokens of a text
 * @param end the token that ends a text, at which CLIP asks it; 2 for its largest id
 * @param vision the tower that reads images
 * @param image side of an image, in pixels
 * @param channels of a pixel
 * @param patch side of a patch, in pixels; divides the image's
 * @param dimension values of an embedding
 * @param captionLayers blocks that write captions; 0 for none
 */
public record ImageTextShape(
    Design design,
    Tower text,
    int vocabulary,
    int context,
    int end,
    Tower vision,
    int image,
    int channels,
    int patch,
    int dimension,
    int captionLayers) {

  /** The published models of images beside texts. */
  public enum Design {
    /** CLIP (Radford et al. 2021, arXiv:2103.00020), whose texts are read from left to right. */
    CLIP("clip"),
    /** A ViT and a BERT, as Hugging Face's {@code VisionTextDualEncoderModel} holds them. */
    VIT_BERT("vit-bert");

    private final String id;

    Design(String id) {
      this.id = id;
    }

    /** The name in recipes. */
    public String id() {
      return id;
    }

    /** The design of that name. */
    public static Design of(String id) {
      return id.equals(VIT_BERT.id) ? VIT_BERT : CLIP;
    }
  }

  /**
   * The blocks of a tower.
   *
   * @param width values per row, C
   * @param layers blocks
   * @param heads divides the width
   * @param hidden width of the feed-forward layer
   * @param epsilon of the normalisations
   * @param activation of the feed-forward layer
   */
  public record Tower(
      int width, int layers, int heads, int hidden, double epsilon, Activation activation) {

    /** Refuses impossible shapes. */
    public Tower {
      Sizes.heads(width, heads);
      Sizes.layers("layers", layers);
      Sizes.positive("hidden", hidden);
    }

    Norm norm() {
      return new Norm(Norm.Kind.LAYER, (float) epsilon);
    }

    Tower withLayers(int other) {
      return new Tower(width, other, heads, hidden, epsilon, activation);
    }

    TransformerShape stack() {
      return TransformerShape.of(heads, width / heads, norm(), true, activation);
    }
  }

  /** Refuses impossible shapes, before anything is allocated. */
  public ImageTextShape {
    Sizes.positive("vocabulary", vocabulary);
    Sizes.positive("context", context);
    Sizes.positive("dimension", dimension);
    if (patch < 1 || image % patch != 0) {
      throw new BadInputException(
          Format.text(
              "Patches of %d pixels do not fill images of %d: choose an image.patch that divides"
                  + " image.side",
              patch, image));
    }
    if (captionLayers > 0 && design != Design.CLIP) {
      throw new BadInputException(
          "Captions are written from left to right, which a BERT does not read: choose model.family"
              + " clip");
    }
  }

  /** The shape of a model that writes no captions. */
  public ImageTextShape(
      Design design,
      Tower text,
      int vocabulary,
      int context,
      int end,
      Tower vision,
      int image,
      int channels,
      int patch,
      int dimension) {
    this(design, text, vocabulary, context, end, vision, image, channels, patch, dimension, 0);
  }

  /** The same with other token ids, of which {@code last} ends a text. */
  public ImageTextShape withVocabulary(int ids, int last) {
    return new ImageTextShape(
        design, text, ids, context, last, vision, image, channels, patch, dimension, captionLayers);
  }

  /** The same with so many blocks that write captions. */
  public ImageTextShape withCaptionLayers(int layers) {
    return new ImageTextShape(
        design, text, vocabulary, context, end, vision, image, channels, patch, dimension, layers);
  }

  /** The text tower as an encoder of its own. */
  EncoderShape encoder() {
    return new EncoderShape(
        vocabulary,
        context,
        text.width,
        text.layers,
        text.heads,
        text.hidden,
        text.epsilon,
        text.activation,
        EncoderShape.Head.NONE);
  }

  /** Values of a patch. */
  long patchValues() {
    return (long) patch * patch * channels;
  }

  /** Patches of an image. */
  public int patches() {
    return image / patch * (image / patch);
  }
}
