package dev.culebra.objectives.objective;

import dev.culebra.objectives.architecture.ImageTextEncoder;
import dev.culebra.objectives.architecture.TowerInput;
import dev.culebra.objectives.batch.CaptionBatch;
import dev.culebra.objectives.batch.TextMembers;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.device.Inlet;
import dev.culebra.runtime.kernel.Intervals;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** The place of pictures with captions: the pairs, and which picture's rows each token reads. */
public final class CaptionSlot implements Slot<CaptionBatch> {

  private final PairSlot pairs;
  private final Text captions;
  private final Text masked;

  CaptionSlot(Device device, CaptionBatch like, ImageTextEncoder model) {
    int rows = model.shape().patches() + 1;
    this.pairs = new PairSlot(device, like.pairs(), model);
    this.captions = new Text(device, "captions", like.captions(), model, rows);
    this.masked = new Text(device, "masked captions", like.masked(), model, rows);
  }

  /** Texts with the pictures' rows that their rows read. */
  static final class Text implements AutoCloseable {
    private final TextSlot slot;
    private final Inlet cross;
    private final int pictureRows;
    private final int capacity;

    Text(Device device, String name, TextMembers like, ImageTextEncoder model, int pictureRows) {
      this.slot = new TextSlot(device, name, like, model);
      this.pictureRows = pictureRows;
      this.capacity = like.rows().capacity();
      this.cross = device.inlet(name + ", pictures", 2L * capacity);
    }

    void load(TextMembers texts) {
      slot.load(texts);
      MemorySegment host = cross.host();
      int row = 0;
      for (int text = 0; text < texts.count(); text++) {
        for (; row < texts.ends()[text]; row++) {
          set(host, row, text * pictureRows, (text + 1) * pictureRows);
        }
      }
      for (int end = texts.count() * pictureRows; row < texts.rows().rows(); row++) {
        set(host, row, end, end); // padding reads nothing
      }
      cross.send();
    }

    private void set(MemorySegment host, int row, int start, int end) {
      host.setAtIndex(ValueLayout.JAVA_INT, row, start);
      host.setAtIndex(ValueLayout.JAVA_INT, (long) capacity + row, end);
    }

    void deliver() {
      slot.deliver();
      cross.deliver();
    }

    DeviceBatch rows() {
      return slot.rows();
    }

    TowerInput.Texts input() {
      return slot.input();
    }

    /** Which rows of its picture each row reads. */
    Intervals cross() {
      long rows = slot.rows().shape().rows();
      return new Intervals(cross.buffer().slice(0, rows), cross.buffer().slice(capacity, rows));
    }

    @Override
    public void close() {
      slot.close();
      cross.close();
    }
  }

  @Override
  public void load(CaptionBatch batch) {
    pairs.load(batch.pairs());
    captions.load(batch.captions());
    masked.load(batch.masked());
  }

  @Override
  public void deliver() {
    pairs.deliver();
    captions.deliver();
    masked.deliver();
  }

  @Override
  public List<Object> shape() {
    return List.of(pairs.shape(), captions.slot.shape(), masked.slot.shape());
  }

  PairSlot pairs() {
    return pairs;
  }

  Text captions() {
    return captions;
  }

  Text masked() {
    return masked;
  }

  @Override
  public void close() {
    pairs.close();
    captions.close();
    masked.close();
  }
}
