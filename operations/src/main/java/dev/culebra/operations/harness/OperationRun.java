package dev.culebra.operations.harness;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * One call laid out in memory, ready to be given to devices: the same bytes to each, as often as
 * one likes.
 *
 * @param <S> what the call's sizes and options are drawn as
 */
final class OperationRun<S> {

  private final Kernel<S> kernel;
  private final S shape;
  private final DType compute;
  private final Map<String, Argument> declared = new LinkedHashMap<>();
  private final Map<String, Placement> placements = new LinkedHashMap<>();
  private final Map<String, byte[]> before = new HashMap<>();

  /** Lays out {@code values} for devices that compute in {@code compute}. */
  OperationRun(
      Kernel<S> kernel, S shape, DType compute, Placement.Layout layout, Values values, Draw draw) {
    this.kernel = kernel;
    this.shape = shape;
    this.compute = compute;
    for (Argument argument : kernel.arguments().apply(shape)) {
      declared.put(argument.name(), argument);
      if (argument.presentOn(compute)) {
        Placement place = Placement.of(argument, compute, layout, draw);
        placements.put(argument.name(), place);
        before.put(argument.name(), place.encode(values.get(argument.name())));
      }
    }
  }

  /** Arguments that the call has, as they lie. */
  Iterable<Placement> placements() {
    return placements.values();
  }

  /** The allocation of an argument before the call. */
  byte[] before(Placement place) {
    return before.get(place.argument().name());
  }

  /** The values before the call as the device sees them: rounded to their types. */
  Values rounded() {
    Values values = new Values();
    for (Argument argument : declared.values()) {
      Placement place = placements.get(argument.name());
      if (place != null) {
        values.put(argument.name(), place.decode(before(place)));
      } else {
        // Null on this device, yet the reference may write it.
        values.put(argument.name(), argument.present() ? new double[argument.count()] : null);
      }
    }
    return values;
  }

  /** Calls the device; gives the allocations after the call, by name. */
  Map<String, byte[]> on(Device device) {
    return on(device, arguments -> kernel.call().run(device.kernels(), shape, arguments));
  }

  /** What became of a wrong call. */
  record Refusal(Optional<IllegalArgumentException> exception, Map<String, byte[]> after) {}

  /** Calls the device with one row or column less of the argument {@code name}. */
  Refusal cutOn(Device device, String name, Buffers.Cut cut) {
    AtomicReference<IllegalArgumentException> refusal = new AtomicReference<>();
    Map<String, byte[]> after =
        on(
            device,
            arguments -> {
              try {
                kernel.call().run(device.kernels(), shape, arguments.cut(name, cut));
              } catch (IllegalArgumentException e) {
                refusal.set(e);
              }
            });
    return new Refusal(Optional.ofNullable(refusal.get()), after);
  }

  private Map<String, byte[]> on(Device device, Consumer<Buffers> call) {
    if (device.computeType() != compute) {
      throw new IllegalArgumentException("laid out for " + compute + ", not " + device.name());
    }
    Map<String, Buffer> memory = new LinkedHashMap<>();
    try (Arena arena = Arena.ofConfined()) {
      placements.forEach((name, place) -> memory.put(name, upload(device, arena, name, place)));
      call.accept(Buffers.of(declared, placements, memory));
      Map<String, byte[]> after = new HashMap<>();
      memory.forEach((name, buffer) -> after.put(name, download(device, arena, buffer)));
      return after;
    } finally {
      memory.values().forEach(Buffer::release);
    }
  }

  private Buffer upload(Device device, Arena arena, String name, Placement place) {
    byte[] bytes = before(place);
    MemorySegment host = arena.allocate(bytes.length, Double.BYTES);
    MemorySegment.copy(bytes, 0, host, ValueLayout.JAVA_BYTE, 0, bytes.length);
    Buffer buffer = device.workspace().allocate(name, place.dtype(), place.length());
    device.upload(buffer, host);
    return buffer;
  }

  private static byte[] download(Device device, Arena arena, Buffer buffer) {
    MemorySegment host = arena.allocate(buffer.bytes(), Double.BYTES);
    device.download(host, buffer);
    return host.toArray(ValueLayout.JAVA_BYTE);
  }
}
