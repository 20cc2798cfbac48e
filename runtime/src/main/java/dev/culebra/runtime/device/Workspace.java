package dev.culebra.runtime.device;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongFunction;

/**
 * The memory of one step's activations and scratch: a first-fit allocator over a few big blocks.
 *
 * <p>It is deterministic: blocks are searched in the order of their creation and holes from low to
 * high addresses, so equal sequences of allocations and releases that start from an empty workspace
 * get equal addresses. Blocks are kept, hence a step that repeats allocates nothing on the device.
 * Contents are not cleared.
 */
public final class Workspace implements Buffer.Owner {

  private static final long ALIGNMENT = 256;
  private static final long SMALLEST_BLOCK = 1L << 24;

  /** A piece of device memory; {@code holes} maps the offset of each free range to its size. */
  private record Block(MemorySegment memory, TreeMap<Long, Long> holes) {}

  private record Place(Block block, long offset, long bytes) {}

  private final LongFunction<MemorySegment> source;
  private final List<Block> blocks = new ArrayList<>();
  private final Map<Buffer, Place> live = new HashMap<>();
  private long used;
  private long peak;

  /**
   * An empty workspace.
   *
   * @param source allocates a block of the given number of bytes for the life of the device,
   *     aligned to 256 bytes
   */
  public Workspace(LongFunction<MemorySegment> source) {
    this.source = source;
  }

  /** Allocates {@code length} elements of undefined content, with one holder. */
  public Buffer allocate(String name, DType dtype, long length) {
    long bytes = Math.multiplyExact(length, dtype.bytes());
    long rounded = Math.max(ALIGNMENT, Math.addExact(bytes, ALIGNMENT - 1) & -ALIGNMENT);
    Place place = place(rounded);
    MemorySegment memory = place.block.memory.asSlice(place.offset, bytes);
    Buffer buffer = new Buffer(name, dtype, length, memory, this);
    live.put(buffer, place);
    used += rounded;
    peak = Math.max(peak, used);
    return buffer;
  }

  private Place place(long bytes) {
    for (Block block : blocks) {
      for (Map.Entry<Long, Long> hole : block.holes.entrySet()) {
        if (hole.getValue() >= bytes) {
          return take(block, hole.getKey(), hole.getValue(), bytes);
        }
      }
    }
    long size = Math.max(bytes, Math.max(SMALLEST_BLOCK, capacity() / 4 & -ALIGNMENT));
    Block block = new Block(source.apply(size), new TreeMap<>());
    block.holes.put(0L, size);
    blocks.add(block);
    return take(block, 0, size, bytes);
  }

  private static Place take(Block block, long offset, long hole, long bytes) {
    block.holes.remove(offset);
    if (hole > bytes) {
      block.holes.put(offset + bytes, hole - bytes);
    }
    return new Place(block, offset, bytes);
  }

  @Override
  public void reclaim(Buffer root) {
    Place place = live.remove(root);
    used -= place.bytes;
    TreeMap<Long, Long> holes = place.block.holes;
    long start = place.offset;
    long end = start + place.bytes;
    Map.Entry<Long, Long> before = holes.lowerEntry(start);
    if (before != null && before.getKey() + before.getValue() == start) {
      start = before.getKey();
      holes.remove(start);
    }
    Long after = holes.remove(end);
    holes.put(start, (after == null ? end : end + after) - start);
  }

  /** Bytes of all blocks, free or used. */
  public long capacity() {
    return blocks.stream().mapToLong(b -> b.memory.byteSize()).sum();
  }

  /** Bytes held now, and the most that were held at once, by name. */
  public MemoryReport report() {
    Map<String, Long> byName = new HashMap<>();
    live.forEach((buffer, place) -> byName.merge(buffer.name(), place.bytes, Long::sum));
    List<MemoryReport.Holder> holders = new ArrayList<>();
    byName.forEach((name, bytes) -> holders.add(new MemoryReport.Holder(name, bytes)));
    return new MemoryReport(holders, used, peak);
  }
}
