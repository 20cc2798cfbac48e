package dev.culebra.train.inference;

import dev.culebra.data.read.LabelledImage;
import dev.culebra.models.dual.ImageTextEncoder;
import dev.culebra.models.dual.ImageTextShape;
import dev.culebra.models.nn.TowerInput;
import dev.culebra.objectives.pairs.DualEncoderProcessor;
import dev.culebra.objectives.pairs.EncoderBatch;
import dev.culebra.objectives.pairs.EncoderInput;
import dev.culebra.objectives.pairs.EncoderInputs;
import dev.culebra.objectives.pairs.TextBatch;
import dev.culebra.objectives.pairs.TextBatch.Attention;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.kernel.CrossEntropy;
import dev.culebra.runtime.kernel.Intervals;
import dev.culebra.runtime.tensor.LanguageHead;
import dev.culebra.runtime.tensor.Pooling;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.runtime.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A model that writes captions. The image's rows are computed once; those of the caption anew for
 * each token.
 */
final class CaptionReader extends RereadingReader {

  private final Device device;
  private final ImageTextEncoder model;
  private final LanguageHead head;
  private final EncoderBatch imageHost;
  private final EncoderInputs imageSlot;
  private final EncoderBatch textHost;
  private final EncoderInputs textSlot;
  private final long imageRows;
  private final int textRows;
  private final Buffer image;
  private final Buffer cross;
  private final float[] logits;

  CaptionReader(Device device, ImageTextEncoder model, DualEncoderProcessor room) {
    super(model.context());
    ImageTextShape shape = model.shape();
    this.device = device;
    this.model = model;
    this.head = model.captionHead(CrossEntropy.PLAIN, 1 << 25);
    this.imageHost = room.left(1);
    this.imageSlot = EncoderInputs.of(device, "image", imageHost, model);
    TextBatch texts = new TextBatch(1, model.context(), Attention.CAUSAL);
    this.textHost = texts;
    this.textSlot = EncoderInputs.of(device, "caption", texts, model);
    this.imageRows = shape.patches() + 1L;
    this.textRows = texts.rows().capacity();
    this.image =
        device.allocate("image's rows", device.computeType(), imageRows * shape.vision().width());
    this.cross = device.allocate("caption, image", DType.I32, 2L * textRows);
    int[] bounds = new int[2 * textRows]; // every row reads all rows of the image
    Arrays.fill(bounds, textRows, bounds.length, Math.toIntExact(imageRows));
    device.upload(cross, MemorySegment.ofArray(bounds));
    this.logits = new float[model.vocabulary()];
  }

  /** Takes the image that what follows is written to. */
  void look(LabelledImage at) {
    imageHost.begin();
    imageHost.add(new EncoderInput.Image(at));
    imageHost.finish();
    imageSlot.load(imageHost);
    imageSlot.swap();
    try (Tape tape = Tape.forwardOnly(device)) {
      Tensor rows = model.imageRows(tape, (TowerInput.Images) imageSlot.input());
      device.kernels().copy(image, rows.data());
    }
  }

  @Override
  public float[] begin(Prompt prompt) {
    return readFirst(Prompt.fitting(prompt.begun(), model.context()));
  }

  @Override
  float[] read(int[] written) {
    textHost.begin();
    textHost.add(new EncoderInput.Words(written));
    textHost.finish();
    textSlot.load(textHost);
    textSlot.swap();
    TowerInput.Texts texts = (TowerInput.Texts) textSlot.input();
    long rows = texts.rows().count();
    Intervals seen = new Intervals(cross.slice(0, rows), cross.slice(textRows, rows));
    try (Tape tape = Tape.forwardOnly(device)) {
      Tensor pixels = tape.tensor("image", imageRows, model.shape().vision().width());
      device.kernels().copy(pixels.data(), image);
      Tensor words = model.textRows(tape, texts);
      Tensor all = model.captionRows(tape, words, texts.rows().intervals(), pixels, seen);
      Tensor last = Pooling.gather(tape, "last row", all, texts.last(), 1);
      Buffer scores = head.logits(tape, last);
      device.download(MemorySegment.ofArray(logits), scores);
      scores.release();
    }
    return logits;
  }

  @Override
  public void close() {
    imageSlot.close();
    textSlot.close();
    for (Buffer buffer : new Buffer[] {image, cross}) {
      if (buffer.alive()) {
        buffer.release();
      }
    }
  }
}
