package dev.culebra.objectives.pairs;

import dev.culebra.models.dual.ImageTextEncoder;
import dev.culebra.models.nn.TowerInput;
import dev.culebra.objectives.DeviceInputs;
import dev.culebra.objectives.DeviceTokens;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.device.Inlet;
import dev.culebra.runtime.kernel.Intervals;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** The place of images with captions: the pairs, and which image's rows each token reads. */
public final class CaptionInputs implements DeviceInputs<CaptionBatch> {

  private final PairInputs pairs;
  private final Text captions;
  private final Text masked;

  CaptionInputs(Device device, CaptionBatch like, ImageTextEncoder model) {
    int rows = model.shape().patches() + 1;
    this.pairs = new PairInputs(device, like.pairs(), model);
    this.captions = new Text(device, "captions", like.captions(), model, rows);
    this.masked = new Text(device, "masked captions", like.masked(), model, rows);
  }

  /** Texts with the images' rows that their rows read. */
  static final class Text implements AutoCloseable {
    private final TextInputs slot;
    private final Inlet cross;
    private final int imageRows;
    private final int capacity;

    Text(Device device, String name, TextBatch like, ImageTextEncoder model, int imageRows) {
      this.slot = new TextInputs(device, name, like, model);
      this.imageRows = imageRows;
      this.capacity = like.rows().capacity();
      this.cross = device.inlet(name + ", images", 2L * capacity);
    }

    void load(TextBatch texts) {
      slot.load(texts);
      MemorySegment host = cross.host();
      int row = 0;
      for (int text = 0; text < texts.count(); text++) {
        for (; row < texts.ends()[text]; row++) {
          set(host, row, text * imageRows, (text + 1) * imageRows);
        }
      }
      for (int end = texts.count() * imageRows; row < texts.rows().rows(); row++) {
        set(host, row, end, end); // padding reads nothing
      }
      cross.send();
    }

    private void set(MemorySegment host, int row, int start, int end) {
      host.setAtIndex(ValueLayout.JAVA_INT, row, start);
      host.setAtIndex(ValueLayout.JAVA_INT, (long) capacity + row, end);
    }

    void swap() {
      slot.swap();
      cross.swap();
    }

    DeviceTokens rows() {
      return slot.rows();
    }

    TowerInput.Texts input() {
      return slot.input();
    }

    /** Which rows of its image each row reads. */
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
  public void swap() {
    pairs.swap();
    captions.swap();
    masked.swap();
  }

  @Override
  public List<Object> shape() {
    return List.of(pairs.shape(), captions.slot.shape(), masked.slot.shape());
  }

  PairInputs pairs() {
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
