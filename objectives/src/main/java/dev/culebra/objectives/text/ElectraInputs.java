package dev.culebra.objectives.text;

import dev.culebra.data.batch.Batch;
import dev.culebra.models.nn.TokenInput;
import dev.culebra.models.nn.TokenModel;
import dev.culebra.models.nn.TokenRows;
import dev.culebra.objectives.DeviceInputs;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.device.Inlet;
import dev.culebra.runtime.kernel.CrossEntropy;
import dev.culebra.runtime.tensor.LanguageHead;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The place of a batch of masked texts, and of what the discriminator reads: the original ids, over
 * which the generator's samples are written within a step, and what is asked of each row.
 */
public final class ElectraInputs implements DeviceInputs<PackedExamples> {

  private final PackedInputs masked;
  private final Inlet inlet;
  private final int capacity;

  ElectraInputs(Device device, PackedExamples like, TokenModel model) {
    this.capacity = like.encoder().capacity();
    this.masked = new PackedInputs(device, like, model);
    this.inlet = device.inlet("originals", 2L * capacity);
  }

  @Override
  public void load(PackedExamples batch) {
    masked.load(batch);
    Batch rows = batch.encoder();
    MemorySegment host = inlet.host();
    for (int row = 0; row < capacity; row++) {
      boolean real = isReal(rows, row);
      int label = row < rows.rows() ? rows.labels()[row] : Batch.IGNORE;
      int id = row >= rows.rows() ? 0 : label == Batch.IGNORE ? rows.ids()[row] : label;
      host.setAtIndex(ValueLayout.JAVA_INT, row, id);
      host.setAtIndex(ValueLayout.JAVA_INT, (long) capacity + row, real ? 0 : CrossEntropy.IGNORE);
    }
    inlet.send();
  }

  /** Whether a row is no padding: padding sees nothing. */
  static boolean isReal(Batch rows, int row) {
    return row < rows.rows() && rows.attention().starts()[row] < rows.attention().ends()[row];
  }

  @Override
  public void swap() {
    masked.swap();
    inlet.swap();
  }

  @Override
  public Object shape() {
    return masked.shape();
  }

  /** What the generator reads. */
  TokenInput input() {
    return masked.input();
  }

  /** The masked rows. */
  LanguageHead.Labels labels() {
    return masked.labels();
  }

  /** The ids that the discriminator reads. */
  Buffer ids() {
    return inlet.buffer().slice(0, input().encoder().count());
  }

  /** Whether each of them is not the original: 0, 1, or nothing asked. */
  Buffer replaced() {
    return inlet.buffer().slice(capacity, input().encoder().count());
  }

  /** What the discriminator reads. */
  TokenRows rows() {
    TokenRows rows = input().encoder();
    return new TokenRows(ids(), rows.types(), rows.positions(), rows.intervals(), rows.count());
  }

  @Override
  public void close() {
    masked.close();
    inlet.close();
  }
}
