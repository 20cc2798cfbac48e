package dev.culebra.runtime.device;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The memory that a device took from the system, by name: long-lived buffers, each with the
 * allocation behind it, and the blocks of the workspace.
 *
 * @param <A> an allocation of the device
 */
public final class MemoryLedger<A> {

  private final Map<Buffer, A> allocations = new LinkedHashMap<>();
  private long held;
  private long peak;

  /** Notes that {@code bytes} were taken. */
  public void taken(long bytes) {
    held += bytes;
    peak = Math.max(peak, held);
  }

  /** Notes that {@code bytes} were given back. */
  public void returned(long bytes) {
    held -= bytes;
  }

  /** Notes the allocation behind a buffer; its bytes are noted apart. */
  public void put(Buffer buffer, A allocation) {
    allocations.put(buffer, allocation);
  }

  /** Forgets a buffer and returns its allocation, or null if it was forgotten before. */
  public A remove(Buffer buffer) {
    return allocations.remove(buffer);
  }

  /** Forgets all buffers and returns their allocations in the order in which they were made. */
  public List<A> clear() {
    List<A> all = List.copyOf(allocations.values());
    allocations.clear();
    held = 0;
    return all;
  }

  /** Everything taken; what the workspace holds in reserve is named too. */
  public MemoryReport report(Workspace workspace) {
    List<MemoryReport.Holder> holders = new ArrayList<>();
    Map<String, Long> byName = new HashMap<>();
    allocations.keySet().forEach(b -> byName.merge(b.name(), b.bytes(), Long::sum));
    byName.forEach((name, bytes) -> holders.add(new MemoryReport.Holder(name, bytes)));
    MemoryReport step = workspace.report();
    holders.addAll(step.holders());
    long free = workspace.capacity() - step.used();
    if (free > 0) {
      holders.add(new MemoryReport.Holder("workspace, unused", free));
    }
    return new MemoryReport(holders, held, peak);
  }
}
