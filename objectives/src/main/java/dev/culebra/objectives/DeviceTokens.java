package dev.culebra.objectives;

import dev.culebra.data.batch.Batch;
import dev.culebra.models.nn.TokenRows;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.device.Inlet;
import dev.culebra.runtime.kernel.CrossEntropy;
import dev.culebra.runtime.kernel.Intervals;
import dev.culebra.runtime.tensor.LanguageHead;
import dev.culebra.runtime.text.Format;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** The place of one side of a batch: its rows of tokens and their labels. */
public final class DeviceTokens implements DeviceInputs<Batch> {

  /** Ids, types, positions, interval starts and ends, label positions and targets. */
  private static final int PARTS = 7;

  /**
   * What the operations on a batch depend on beside its content.
   *
   * @param rows rows, padding included
   * @param labels rows that go through the head
   */
  public record Shape(long rows, long labels) {}

  private final int vocabulary;
  private final int context;
  private final int capacity;
  private final long rowGroup;
  private final int[] targets;
  private final Inlet inlet;
  private Shape loaded;
  private Shape current = new Shape(0, 0);

  /**
   * Room for rows.
   *
   * @param name in memory reports
   * @param capacity most rows
   * @param vocabulary ids are below this
   * @param context positions are below this
   */
  public DeviceTokens(Device device, String name, int capacity, int vocabulary, int context) {
    this.vocabulary = vocabulary;
    this.context = context;
    this.capacity = capacity;
    this.rowGroup = device.rowGroup();
    this.targets = new int[capacity];
    this.inlet = device.inlet(name, Math.multiplyExact((long) PARTS, capacity));
  }

  /** Loads {@code batch} and puts it in place at once. */
  public void upload(Batch batch) {
    load(batch);
    swap();
  }

  /**
   * Starts to copy {@code batch}, which may be reused at once.
   *
   * @throws BadInputException if a token id is outside the vocabulary
   */
  @Override
  public void load(Batch batch) {
    int n = batch.rows();
    for (int i = 0; i < n; i++) {
      checkId(batch.ids()[i], i);
      checkPosition(batch.positions()[i], i);
    }
    Arrays.fill(targets, CrossEntropy.IGNORE);
    for (int i = 0; i < batch.labelCount(); i++) {
      int row = batch.labelPositions()[i];
      targets[i] = batch.labels()[row];
      checkId(targets[i], row);
    }
    MemorySegment host = inlet.host();
    write(host, 0, batch.ids(), n);
    write(host, 1, batch.types(), n);
    write(host, 2, batch.positions(), n);
    write(host, 3, batch.attention().starts(), n);
    write(host, 4, batch.attention().ends(), n);
    write(host, 5, batch.labelPositions(), capacity);
    write(host, 6, targets, capacity);
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

  private void checkPosition(int position, int row) {
    if (position >= context) {
      throw new BadInputException(
          Format.text(
              "row %d has position %d, but the model has %d positions: take shorter sequences",
              row, position, context));
    }
  }

  private void write(MemorySegment host, int part, int[] source, int count) {
    long bytes = (long) count * Integer.BYTES;
    MemorySegment.copy(
        MemorySegment.ofArray(source), 0, host, (long) part * capacity * Integer.BYTES, bytes);
  }

  @Override
  public void swap() {
    inlet.swap();
    current = loaded;
  }

  @Override
  public Shape shape() {
    return current;
  }

  /** What a model reads of the batch. */
  public TokenRows rows() {
    long n = current.rows();
    Intervals intervals = new Intervals(part(3, n), part(4, n));
    return new TokenRows(part(0, n), part(1, n), part(2, n), intervals, n);
  }

  /** The labelled rows, rounded up by rows without a label to what the device computes together. */
  public LanguageHead.Labels labels() {
    return new LanguageHead.Labels(part(5, capacity), part(6, capacity), current.labels());
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
