package dev.culebra.objectives.pairs;

import dev.culebra.models.dual.DualEncoder;
import dev.culebra.objectives.DeviceInputs;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.device.Inlet;
import dev.culebra.runtime.kernel.Negatives;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** The place of pairs: both sides, chunk by chunk, and which pairs are no negatives. */
public final class PairInputs implements DeviceInputs<PairBatch> {

  private final List<EncoderInputs> left;
  private final List<EncoderInputs> right;
  private final Inlet rules;
  private final int mostPairs;
  private final int mostKeys;
  private final int mostColumns;
  private Counts loaded;
  private Counts current;

  private record Counts(int pairs, int keys) {}

  PairInputs(Device device, PairBatch like, DualEncoder model) {
    this.left = slots(device, "queries", like.left(), model);
    this.right = slots(device, "keys", like.right(), model);
    this.mostPairs = like.capacity();
    this.mostKeys = like.rightGroups().length;
    this.mostColumns = like.columns().length;
    long length = 2L * mostPairs + 1 + mostKeys + mostColumns;
    this.rules = device.inlet("pairs that are no negatives", length);
  }

  private static List<EncoderInputs> slots(
      Device device, String name, List<EncoderBatch> chunks, DualEncoder model) {
    return chunks.stream().map(like -> EncoderInputs.of(device, name, like, model)).toList();
  }

  @Override
  public void load(PairBatch batch) {
    IntStream.range(0, left.size()).forEach(i -> left.get(i).load(batch.left().get(i)));
    IntStream.range(0, right.size()).forEach(i -> right.get(i).load(batch.right().get(i)));
    MemorySegment host = rules.host();
    long at = write(host, 0, batch.leftGroups());
    at = write(host, at, batch.rightGroups());
    at = write(host, at, batch.rowStarts());
    write(host, at, batch.columns());
    rules.send();
    loaded = new Counts(batch.count(), batch.keys());
  }

  private static long write(MemorySegment host, long at, int[] values) {
    MemorySegment.copy(values, 0, host, ValueLayout.JAVA_INT, at * Integer.BYTES, values.length);
    return at + values.length;
  }

  @Override
  public void swap() {
    left.forEach(EncoderInputs::swap);
    right.forEach(EncoderInputs::swap);
    rules.swap();
    current = loaded;
  }

  @Override
  public List<Object> shape() {
    List<Object> shape = new ArrayList<>(List.of(current));
    left.forEach(slot -> shape.add(slot.shape()));
    right.forEach(slot -> shape.add(slot.shape()));
    return shape;
  }

  /** Queries in place, N. */
  long pairs() {
    return current.pairs;
  }

  /** Keys in place, M. */
  long keys() {
    return current.keys;
  }

  /** The chunks of queries that are not empty. */
  List<EncoderInputs> left() {
    return left.stream().filter(slot -> slot.count() > 0).toList();
  }

  /** The chunks of keys that are not empty. */
  List<EncoderInputs> right() {
    return right.stream().filter(slot -> slot.count() > 0).toList();
  }

  /** Which pairs are no negatives, by group and by list. */
  Negatives negatives() {
    long groups = (long) mostPairs + mostKeys;
    return new Negatives(
        new Negatives.Groups(part(0, current.pairs), part(mostPairs, current.keys)),
        null,
        new Negatives.Exceptions(
            part(groups, current.pairs + 1L), part(groups + mostPairs + 1, mostColumns)));
  }

  private Buffer part(long from, long count) {
    return rules.buffer().slice(from, count);
  }

  @Override
  public void close() {
    left.forEach(EncoderInputs::close);
    right.forEach(EncoderInputs::close);
    rules.close();
  }
}
