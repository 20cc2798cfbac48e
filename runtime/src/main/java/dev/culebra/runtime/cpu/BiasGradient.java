package dev.culebra.runtime.cpu;

import dev.culebra.runtime.kernel.Attention;
import dev.culebra.runtime.kernel.RelativeBias;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The gradient of a relative bias: each slice of the rows adds to sums of its own, which are then
 * added in the order of the slices. The memory is kept for the next attention.
 */
final class BiasGradient {

  private static final int MAX_SLICES = 64;

  private MemorySegment sums = MemorySegment.NULL;
  private RelativeBias bias;
  private long heads;
  private int slices;

  /** Begins anew, for rows in so many groups. */
  BiasGradient begin(Attention attention, RelativeBias bias, int groups) {
    this.bias = bias;
    heads = attention.heads();
    slices = Math.min(groups, MAX_SLICES);
    long bytes = Math.multiplyExact(slices * heads, (long) bias.distances() * Float.BYTES);
    if (sums.byteSize() < bytes) {
      sums = Arena.ofAuto().allocate(bytes, Float.BYTES);
    }
    sums.asSlice(0, bytes).fill((byte) 0);
    return this;
  }

  int slices() {
    return slices;
  }

  /** Adds the gradients of {@code count} scores of a row, of keys from {@code key} on. */
  void add(int slice, long head, long row, long key, MemorySegment scores, long at, long count) {
    long values = (slice * heads + head) * bias.distances();
    for (long i = 0; i < count; i++) {
      long cell = values + bias.index(row, key + i);
      Floats.set(sums, cell, Floats.get(sums, cell) + Floats.get(scores, at + i));
    }
  }

  /** target += the sums of all slices. */
  void addTo(MemorySegment target) {
    int cells = Math.toIntExact(heads * bias.distances());
    CpuRows.addPartials(target, sums, 0, cells, slices, cells);
  }
}
