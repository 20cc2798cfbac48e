package dev.culebra.objectives.objective;

import dev.culebra.objectives.architecture.Decoder;
import dev.culebra.objectives.batch.Batch;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.kernel.CrossEntropy;
import dev.culebra.runtime.kernel.Intervals;
import dev.culebra.runtime.tensor.LanguageHead;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** A batch's fixed place on a device: every step uploads into the same buffers. */
public final class DeviceBatch implements AutoCloseable {

  private final Device device;
  private final int vocabulary;
  private final int[] targets;
  private final Buffer ids;
  private final Buffer positions;
  private final Buffer starts;
  private final Buffer ends;
  private final Buffer labelPositions;
  private final Buffer labelTargets;
  private long rows;
  private long labels;

  /** Room for {@code capacity} rows of ids below {@code vocabulary}. */
  public DeviceBatch(Device device, int capacity, int vocabulary) {
    this.device = device;
    this.vocabulary = vocabulary;
    this.targets = new int[capacity];
    this.ids = device.allocate("batch ids", DType.I32, capacity);
    this.positions = device.allocate("batch positions", DType.I32, capacity);
    this.starts = device.allocate("batch interval starts", DType.I32, capacity);
    this.ends = device.allocate("batch interval ends", DType.I32, capacity);
    this.labelPositions = device.allocate("batch label positions", DType.I32, capacity);
    this.labelTargets = device.allocate("batch targets", DType.I32, capacity);
  }

  /**
   * Copies {@code batch} to the device.
   *
   * @throws BadInputException if a token id is outside the vocabulary
   */
  public void upload(Batch batch) {
    rows = batch.rows();
    labels = batch.labelCount();
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
    upload(ids, batch.ids(), n);
    upload(positions, batch.positions(), n);
    upload(starts, batch.attention().starts(), n);
    upload(ends, batch.attention().ends(), n);
    upload(labelPositions, batch.labelPositions(), targets.length);
    upload(labelTargets, targets, targets.length);
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

  private void upload(Buffer target, int[] source, int count) {
    device.upload(target.slice(0, count), MemorySegment.ofArray(source).asSlice(0, 4L * count));
  }

  /** What a decoder reads of the batch. */
  public Decoder.Input input() {
    return new Decoder.Input(
        ids.slice(0, rows),
        positions.slice(0, rows),
        new Intervals(starts.slice(0, rows), ends.slice(0, rows)),
        rows);
  }

  /** The labelled rows. */
  public LanguageHead.Labels labels() {
    return new LanguageHead.Labels(labelPositions, labelTargets, labels);
  }

  /** Frees the buffers. */
  @Override
  public void close() {
    if (ids.alive()) {
      for (Buffer buffer :
          new Buffer[] {ids, positions, starts, ends, labelPositions, labelTargets}) {
        buffer.release();
      }
    }
  }
}
