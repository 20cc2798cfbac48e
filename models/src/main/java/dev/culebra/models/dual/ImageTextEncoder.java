package dev.culebra.models.dual;

import dev.culebra.models.bert.Encoder;
import dev.culebra.models.dual.ImageTextShape.Design;
import dev.culebra.models.nn.AttentionContext;
import dev.culebra.models.nn.Layers;
import dev.culebra.models.nn.Linear;
import dev.culebra.models.nn.TowerInput;
import dev.culebra.models.nn.Transformer;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.kernel.CrossEntropy;
import dev.culebra.runtime.kernel.Intervals;
import dev.culebra.runtime.tensor.Initializer.Normal;
import dev.culebra.runtime.tensor.LanguageHead;
import dev.culebra.runtime.tensor.Parameters;
import dev.culebra.runtime.tensor.Pooling;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.runtime.tensor.Tensor;
import dev.culebra.runtime.text.Format;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/**
 * Images beside texts: CLIP (Radford et al. 2021, arXiv:2103.00020), under the names and with the
 * initialisation of Hugging Face's {@code CLIPModel}, or a ViT beside a BERT, under those of {@code
 * VisionTextDualEncoderModel}. With a bias of the logits it is what SigLIP trains (Zhai et al.
 * 2023, arXiv:2303.15343); those classes pass over that bias, which their embeddings do not need.
 *
 * <p>Blocks that write captions may follow the text's, as in CoCa (Yu et al. 2022,
 * arXiv:2205.01917): each row reads all rows of its image, and its head is the embedding of tokens.
 * Their names are ours alone, and {@code CLIPModel} passes over them.
 */
public final class ImageTextEncoder implements DualEncoder {

  /** How names of the blocks that write captions begin. */
  public static final String CAPTIONS = "caption_model.";

  private final Parameters all = new Parameters();
  private final ImageTextShape shape;
  private final Start start;
  private final VisionTower vision;
  private final TextTower text;
  private final Transformer captions;
  private final Linear visionProjection;
  private final Linear textProjection;
  private final Logits logits;

  /** Allocates it on {@code device}; its weights are zeros until they are set. */
  public ImageTextEncoder(Device device, ImageTextShape shape, Start start) {
    this.shape = shape;
    this.start = start;
    Layers declared = Layers.normal(all);
    this.text =
        switch (shape.design()) {
          case CLIP -> new ClipTextTower(declared, "text_model.", shape);
          case VIT_BERT -> new BertTextTower(all, "text_model.", shape);
        };
    this.vision =
        switch (shape.design()) {
          case CLIP -> VisionTower.clip(declared, "vision_model.", shape);
          case VIT_BERT -> VisionTower.vit(declared, "vision_model.", shape);
        };
    this.captions = shape.captionLayers() == 0 ? null : captions(declared, shape);
    this.visionProjection =
        projection(declared, shape.vision().width(), shape.dimension(), "visual_projection");
    this.textProjection =
        projection(declared, shape.text().width(), shape.dimension(), "text_projection");
    this.logits = Logits.declared(all, start);
    all.allocate(device);
  }

  private static Linear projection(Layers declared, long width, long dimension, String name) {
    return declared.with(new Normal((float) Math.pow(width, -0.5))).plain(width, dimension, name);
  }

  private static Transformer captions(Layers declared, ImageTextShape shape) {
    return ClipTower.declare(
        declared,
        "caption layer",
        CAPTIONS + "layers.",
        shape.text().withLayers(shape.captionLayers()),
        CAPTIONS + "final_layer_norm",
        shape.vision().width());
  }

  /** The shape. */
  public ImageTextShape shape() {
    return shape;
  }

  /** The embeddings of images. */
  @Override
  public Tensor left(Tape tape, TowerInput input) {
    TowerInput.Images images = (TowerInput.Images) input;
    return images(tape, images, imageRows(tape, images));
  }

  /** All rows of images, their classes' included. */
  public Tensor imageRows(Tape tape, TowerInput.Images images) {
    return vision.rows(tape, images);
  }

  /** The embeddings of images from their rows. */
  public Tensor images(Tape tape, TowerInput.Images images, Tensor rows) {
    Tensor pooled = vision.pooled(tape, images, rows);
    Tensor projected = visionProjection.apply(tape, "image projection", pooled);
    return Pooling.normalizeRows(tape, "images", projected);
  }

  /** The embeddings of texts. */
  @Override
  public Tensor right(Tape tape, TowerInput input) {
    TowerInput.Texts texts = (TowerInput.Texts) input;
    return texts(tape, texts, textRows(tape, texts));
  }

  /** All rows of texts. */
  public Tensor textRows(Tape tape, TowerInput.Texts texts) {
    return text.rows(tape, texts);
  }

  /** The embeddings of texts from their rows. */
  public Tensor texts(Tape tape, TowerInput.Texts texts, Tensor rows) {
    Tensor pooled = text.pooled(tape, texts, rows);
    Tensor projected = textProjection.apply(tape, "text projection", pooled);
    return Pooling.normalizeRows(tape, "texts", projected);
  }

  @Override
  public int asked(int[] text) {
    return shape.design() == Design.CLIP
        ? ClipTextTower.end(text, shape.end())
        : DualEncoder.super.asked(text);
  }

  /** Whether it writes captions. */
  public boolean captions() {
    return captions != null;
  }

  /**
   * The rows of texts that have read their images.
   *
   * @param self which rows of its text each sees
   * @param cross which rows of its image each sees
   */
  public Tensor captionRows(
      Tape tape, Tensor texts, Intervals self, Tensor images, Intervals cross) {
    return captions.forward(tape, texts, AttentionContext.of(self).reading(images, cross));
  }

  /**
   * The head of captions.
   *
   * @param budget bytes that a chunk of logits may take
   */
  public LanguageHead captionHead(CrossEntropy options, long budget) {
    return new LanguageHead(text.tokens(), null, options, budget);
  }

  @Override
  public String family() {
    return shape.design().id();
  }

  @Override
  public boolean readsBothWays() {
    return shape.design() == Design.VIT_BERT;
  }

  @Override
  public Logits logits() {
    return logits;
  }

  @Override
  public int dimension() {
    return shape.dimension();
  }

  @Override
  public int vocabulary() {
    return shape.vocabulary();
  }

  @Override
  public int context() {
    return shape.context();
  }

  @Override
  public Parameters parameters() {
    return all;
  }

  @Override
  public ObjectNode config(TokenIds ids) {
    ObjectNode config =
        switch (shape.design()) {
          case CLIP -> ImageTextConfig.write(shape, ids);
          case VIT_BERT -> VitBertConfig.write(shape, ids);
        };
    start.write(config);
    return config;
  }

  /** Numbers of positions and of texts, which old files hold. */
  @Override
  public boolean ignores(String tensor) {
    return Encoder.isConstant(tensor);
  }

  /** Blocks that write captions, and SigLIP's bias, which CLIPModel has no place for. */
  @Override
  public boolean isOwn(String tensor) {
    return tensor.startsWith(CAPTIONS) || tensor.equals(Logits.BIAS);
  }

  @Override
  public Set<String> vocabularyTensors() {
    return Set.of(text.tokens().name());
  }

  /** How logits are made of products, and the blocks that write captions. */
  @Override
  public boolean mayLack(String tensor) {
    return Logits.names(tensor) || tensor.startsWith(CAPTIONS);
  }

  @Override
  public String description() {
    return Format.text(
        "%s, %,d parameters: images of %d x %d in patches of %d, width %d, %s; texts of %s, width"
            + " %d, %s, vocabulary %,d; embeddings of %d",
        family(),
        all.count(),
        shape.image(),
        shape.image(),
        shape.patch(),
        shape.vision().width(),
        Format.count(shape.vision().layers(), "layers"),
        Format.count(shape.context(), "tokens"),
        shape.text().width(),
        Format.count(shape.text().layers(), "layers"),
        shape.vocabulary(),
        shape.dimension());
  }

  @Override
  public void close() {
    all.close();
  }
}
