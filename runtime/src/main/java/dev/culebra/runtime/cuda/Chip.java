package dev.culebra.runtime.cuda;

import dev.culebra.bindings.cuda.Cuda;
import dev.culebra.runtime.device.MemoryReport;
import dev.culebra.runtime.text.Format;

/**
 * What is known of a chip.
 *
 * @param name its name
 * @param major major compute capability
 * @param minor minor compute capability
 * @param multiprocessors how many it has
 * @param memory bytes
 */
record Chip(String name, int major, int minor, int multiprocessors, long memory) {

  /** The chip behind a context. */
  static Chip of(Context context) {
    return new Chip(
        context.name(),
        context.attribute(Cuda.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR()),
        context.attribute(Cuda.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR()),
        context.attribute(Cuda.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT()),
        context.totalMemory());
  }

  /** One line for people. */
  String describe() {
    return Format.text(
        "%s (sm_%d%d, %d multiprocessors, %s)",
        name, major, minor, multiprocessors, MemoryReport.size(memory));
  }
}
