package dev.culebra.runtime.device;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * Who holds how much device memory.
 *
 * @param holders live allocations, largest first
 * @param used bytes held now
 * @param peak most bytes that were ever held at once
 */
public record MemoryReport(List<Holder> holders, long used, long peak) {

  /** One name and the bytes held under it. */
  public record Holder(String name, long bytes) {}

  /** Sorts the holders by size. */
  public MemoryReport {
    holders = holders.stream().sorted(Comparator.comparingLong(Holder::bytes).reversed()).toList();
  }

  /** The {@code count} largest holders in one line, for error messages. */
  public String largest(int count) {
    return holders.stream()
        .limit(count)
        .map(h -> h.name() + " " + size(h.bytes()))
        .reduce((a, b) -> a + ", " + b)
        .orElse("nothing");
  }

  /** A number of bytes for people: {@code 12.3 MiB}. */
  public static String size(long bytes) {
    if (bytes < 1024) {
      return bytes + " B";
    }
    double value = bytes;
    String[] units = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    int unit = 0;
    while (value >= 1024 && unit < units.length - 1) {
      value /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, "%.1f %s", value, units[unit]);
  }
}
