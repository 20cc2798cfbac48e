package dev.culebra.objectives.objective;

import dev.culebra.objectives.architecture.Decoder;
import dev.culebra.objectives.batch.Batch;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.device.Inlet;
import dev.culebra.runtime.kernel.CrossEntropy;
import dev.culebra.runtime.kernel.Intervals;
import dev.culebra.runtime.tensor.LanguageHead;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A batch's fixed place on a device: every step refills the same buffer.
 *
 * <p>{@link #load} checks a batch and starts to copy it; {@link #deliver} puts it in place of the
 * one before. The next batch may be loaded while the device works on this one.
 */
public final class DeviceBatch implements AutoCloseable {

  /** Ids, positions, interval starts and ends, label positions and targets. */
  private static final int PARTS = 6;

  /**
   * What the operations on a batch depend on beside its content.
   *
   * @param rows rows, padding included
   * @param labels rows that go through the head
   */
  public record Shape(long rows, long labels) {}

  private final int vocabulary;
  private final int capacity;
  private final long rowGroup;
  private final int[] targets;
  private final Inlet inlet;
  private Shape loaded;
  private Shape current = new Shape(0, 0);

  /** Room for {@code capacity} rows of ids below {@code vocabulary}. */
  public DeviceBatch(Device device, int capacity, int vocabulary) {
    this.vocabulary = vocabulary;
    this.capacity = capacity;
    this.rowGroup = device.rowGroup();
    this.targets = new int[capacity];
    this.inlet = device.inlet("batch", Math.multiplyExact((long) PARTS, capacity));
  }

  /** Loads {@code batch} and puts it in place at once. */
  public void upload(Batch batch) {
    load(batch);
    deliver();
  }

  /**
   * Starts to copy {@code batch}, which may be reused at once.
   *
   * @throws BadInputException if a token id is outside the vocabulary
   */
  public void load(Batch batch) {
    int n = batch.rows();
    for (int i = 0; i < n; i++) {
      checkId(batch.ids()[i], i);
    }
    Arrays.fill(targets, CrossEntropy.IGNORE);
    for (int i = 0; i < batch.labelCount(); i++) {
      int row = batch.labelPositions()[i];
      targets[i] = batch.labels()[row];
      checkId(targets[i], row);
    }
    MemorySegment host = inlet.host();
    write(host, 0, batch.ids(), n);
    write(host, 1, batch.positions(), n);
    write(host, 2, batch.attention().starts(), n);
    write(host, 3, batch.attention().ends(), n);
    write(host, 4, batch.labelPositions(), capacity);
    write(host, 5, targets, capacity);
    inlet.send();
    long labels = Math.ceilDiv(batch.labelCount(), rowGroup) * rowGroup;
    loaded = new Shape(n, Math.min(capacity, labels));
  }

  private void checkId(int id, int row) {
    if (id < 0 || id >= vocabulary) {
      throw new BadInputException(
          "token id "
              + id
              + " in row "
              + row
              + " is outside the model's vocabulary of "
              + vocabulary
              + ": use the tokenizer that the model was trained with");
    }
  }

  private void write(MemorySegment host, int part, int[] source, int count) {
    long bytes = (long) count * Integer.BYTES;
    MemorySegment.copy(
        MemorySegment.ofArray(source), 0, host, (long) part * capacity * Integer.BYTES, bytes);
  }

  /** Puts the loaded batch in place, after all work given to the device before. */
  public void deliver() {
    inlet.deliver();
    current = loaded;
  }

  /** The shape of the batch in place. */
  public Shape shape() {
    return current;
  }

  /** What a decoder reads of the batch. */
  public Decoder.Input input() {
    long rows = current.rows();
    return new Decoder.Input(
        part(0, rows), part(1, rows), new Intervals(part(2, rows), part(3, rows)), rows);
  }

  /** The labelled rows, rounded up by rows without a label to what the device computes together. */
  public LanguageHead.Labels labels() {
    return new LanguageHead.Labels(part(4, capacity), part(5, capacity), current.labels());
  }

  private Buffer part(int part, long count) {
    return inlet.buffer().slice((long) part * capacity, count);
  }

  /** Frees the buffers. */
  @Override
  public void close() {
    inlet.close();
  }
}
