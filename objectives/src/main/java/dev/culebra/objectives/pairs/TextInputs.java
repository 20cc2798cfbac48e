package dev.culebra.objectives.pairs;

import dev.culebra.models.dual.DualEncoder;
import dev.culebra.models.nn.TowerInput;
import dev.culebra.objectives.DeviceTokens;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.device.Inlet;
import dev.culebra.runtime.kernel.Intervals;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;

/** The place of texts: their tokens, and which rows are whose. */
public final class TextInputs implements EncoderInputs {

  private final DeviceTokens rows;
  private final Inlet bounds;
  private final DualEncoder model;
  private final int capacity;
  private int loaded;
  private int count;

  /** A place for texts such as {@code like}. */
  public TextInputs(Device device, String name, TextBatch like, DualEncoder model) {
    this.rows =
        new DeviceTokens(device, name, like.rows().capacity(), model.vocabulary(), model.context());
    this.model = model;
    this.capacity = like.capacity();
    this.bounds = device.inlet(name + ", texts", 4L * capacity);
  }

  @Override
  public void load(EncoderBatch members) {
    TextBatch texts = (TextBatch) members;
    rows.load(texts.rows());
    MemorySegment host = bounds.host();
    for (int i = 0; i < texts.count(); i++) {
      host.setAtIndex(ValueLayout.JAVA_INT, i, texts.starts()[i]);
      host.setAtIndex(ValueLayout.JAVA_INT, capacity + i, texts.ends()[i]);
      host.setAtIndex(ValueLayout.JAVA_INT, 2L * capacity + i, texts.ends()[i] - 1);
      host.setAtIndex(ValueLayout.JAVA_INT, 3L * capacity + i, asked(texts, i));
    }
    bounds.send();
    loaded = texts.count();
  }

  @Override
  public void swap() {
    rows.swap();
    bounds.swap();
    count = loaded;
  }

  @Override
  public List<Object> shape() {
    return List.of(rows.shape(), count);
  }

  @Override
  public TowerInput.Texts input() {
    Intervals texts = new Intervals(part(0), part(1));
    return new TowerInput.Texts(rows.rows(), texts, part(2), part(3), count);
  }

  private int asked(TextBatch texts, int number) {
    int start = texts.starts()[number];
    return start + model.asked(Arrays.copyOfRange(texts.rows().ids(), start, texts.ends()[number]));
  }

  /** The rows of all texts. */
  DeviceTokens rows() {
    return rows;
  }

  private Buffer part(long number) {
    return bounds.buffer().slice(number * capacity, count);
  }

  @Override
  public long count() {
    return count;
  }

  @Override
  public void close() {
    rows.close();
    bounds.close();
  }
}
