package dev.culebra.objectives.architecture;

import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.tensor.Initializer.Normal;
import dev.culebra.runtime.tensor.Parameters;
import dev.culebra.runtime.tensor.Pooling;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.runtime.tensor.Tensor;
import tools.jackson.databind.node.ObjectNode;

/**
 * Pictures beside texts: CLIP (Radford et al. 2021, arXiv:2103.00020), under the names and with the
 * initialisation of Hugging Face's {@code CLIPModel}. With a bias of the logits it is what SigLIP
 * trains (Zhai et al. 2023, arXiv:2303.15343); {@code CLIPModel} passes over that bias, which its
 * embeddings do not need.
 */
public final class ImageTextEncoder implements DualEncoder {

  private final Parameters all = new Parameters();
  private final ImageTextShape shape;
  private final Start start;
  private final VisionTower vision;
  private final ClipTextTower text;
  private final Linear visionProjection;
  private final Linear textProjection;
  private final Logits logits;

  /** Allocates it on {@code device}; its weights are zeros until they are set. */
  public ImageTextEncoder(Device device, ImageTextShape shape, Start start) {
    this.shape = shape;
    this.start = start;
    Declared declared = Declared.normal(all);
    this.text = new ClipTextTower(declared, "text_model.", shape);
    this.vision = new VisionTower(declared, "vision_model.", shape);
    this.visionProjection =
        projection(declared, shape.vision().width(), shape.dimension(), "visual_projection");
    this.textProjection =
        projection(declared, shape.text().width(), shape.dimension(), "text_projection");
    this.logits = Logits.declared(all, start);
    all.allocate(device);
  }

  private static Linear projection(Declared declared, long width, long dimension, String name) {
    return declared.with(new Normal((float) Math.pow(width, -0.5))).plain(width, dimension, name);
  }

  /** The shape. */
  public ImageTextShape shape() {
    return shape;
  }

  /** The embeddings of pictures. */
  @Override
  public Tensor left(Tape tape, TowerInput input) {
    TowerInput.Pictures pictures = (TowerInput.Pictures) input;
    Tensor pooled = vision.pooled(tape, pictures, vision.rows(tape, pictures));
    Tensor projected = visionProjection.apply(tape, "picture projection", pooled);
    return Pooling.normalizeRows(tape, "pictures", projected);
  }

  /** The embeddings of texts. */
  @Override
  public Tensor right(Tape tape, TowerInput input) {
    TowerInput.Texts texts = (TowerInput.Texts) input;
    Tensor pooled = text.pooled(tape, texts, text.rows(tape, texts));
    Tensor projected = textProjection.apply(tape, "text projection", pooled);
    return Pooling.normalizeRows(tape, "texts", projected);
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
    ObjectNode config = ImageTextConfig.write(shape, ids);
    start.write(config);
    return config;
  }

  /** Positions by number, which old files hold. */
  @Override
  public boolean ignores(String tensor) {
    return tensor.endsWith("embeddings.position_ids");
  }

  @Override
  public String description() {
    return "clip, %,d parameters: pictures of %d x %d in patches of %d, width %d, %d layers; texts of %d tokens, width %d, %d layers, vocabulary %,d; embeddings of %d"
        .formatted(
            all.count(),
            shape.image(),
            shape.image(),
            shape.patch(),
            shape.vision().width(),
            shape.vision().layers(),
            shape.context(),
            shape.text().width(),
            shape.text().layers(),
            shape.vocabulary(),
            shape.dimension());
  }

  @Override
  public void close() {
    all.close();
  }
}
