package dev.culebra.objectives.inference;

import dev.culebra.objectives.architecture.ImageTextEncoder;
import dev.culebra.objectives.architecture.ImageTextShape;
import dev.culebra.objectives.architecture.TowerInput;
import dev.culebra.objectives.batch.Member;
import dev.culebra.objectives.batch.Members;
import dev.culebra.objectives.batch.TextMembers;
import dev.culebra.objectives.batch.TextMembers.Attention;
import dev.culebra.objectives.corpus.Picture;
import dev.culebra.objectives.objective.MembersSlot;
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
 * A model that writes captions. The picture's rows are computed once; those of the caption anew for
 * each token.
 */
final class CaptionReader extends RereadingReader {

  private final Device device;
  private final ImageTextEncoder model;
  private final LanguageHead head;
  private final Members pictureHost;
  private final MembersSlot pictureSlot;
  private final Members textHost;
  private final MembersSlot textSlot;
  private final long pictureRows;
  private final int textRows;
  private final Buffer picture;
  private final Buffer cross;
  private final float[] logits;

  CaptionReader(Device device, ImageTextEncoder model, DualRoom room) {
    super(model.context());
    ImageTextShape shape = model.shape();
    this.device = device;
    this.model = model;
    this.head = model.captionHead(CrossEntropy.PLAIN, 1 << 25);
    this.pictureHost = room.left(1);
    this.pictureSlot = MembersSlot.of(device, "picture", pictureHost, model);
    TextMembers texts = new TextMembers(1, model.context(), Attention.CAUSAL);
    this.textHost = texts;
    this.textSlot = MembersSlot.of(device, "caption", texts, model);
    this.pictureRows = shape.patches() + 1L;
    this.textRows = texts.rows().capacity();
    this.picture =
        device.allocate(
            "picture's rows", device.computeType(), pictureRows * shape.vision().width());
    this.cross = device.allocate("caption, picture", DType.I32, 2L * textRows);
    int[] bounds = new int[2 * textRows]; // every row reads all rows of the picture
    Arrays.fill(bounds, textRows, bounds.length, Math.toIntExact(pictureRows));
    device.upload(cross, MemorySegment.ofArray(bounds));
    this.logits = new float[model.vocabulary()];
  }

  /** Takes the picture that what follows is written to. */
  void look(Picture at) {
    pictureHost.begin();
    pictureHost.add(new Member.Image(at));
    pictureHost.finish();
    pictureSlot.load(pictureHost);
    pictureSlot.deliver();
    try (Tape tape = Tape.forwardOnly(device)) {
      Tensor rows = model.pictureRows(tape, (TowerInput.Pictures) pictureSlot.input());
      device.kernels().copy(picture, rows.data());
    }
  }

  @Override
  public float[] begin(Prompt prompt) {
    return readFirst(Prompt.fitting(prompt.begun(), model.context()));
  }

  @Override
  float[] read(int[] written) {
    textHost.begin();
    textHost.add(new Member.Words(written));
    textHost.finish();
    textSlot.load(textHost);
    textSlot.deliver();
    TowerInput.Texts texts = (TowerInput.Texts) textSlot.input();
    long rows = texts.rows().count();
    Intervals seen = new Intervals(cross.slice(0, rows), cross.slice(textRows, rows));
    try (Tape tape = Tape.forwardOnly(device)) {
      Tensor pixels = tape.tensor("picture", pictureRows, model.shape().vision().width());
      device.kernels().copy(pixels.data(), picture);
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
    pictureSlot.close();
    textSlot.close();
    for (Buffer buffer : new Buffer[] {picture, cross}) {
      if (buffer.alive()) {
        buffer.release();
      }
    }
  }
}
