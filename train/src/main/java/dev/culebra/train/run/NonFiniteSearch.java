package dev.culebra.train.run;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.tensor.Tape;
import java.lang.foreign.MemorySegment;

/** Remembers the first value that holds an infinity or NaN. */
final class NonFiniteSearch implements Tape.Observer, AutoCloseable {

  private final Device device;
  private final Buffer count;
  private final float[] host = new float[1];
  private String first;

  NonFiniteSearch(Device device) {
    this.device = device;
    this.count = device.allocate("non-finite count", DType.F32, 1);
  }

  @Override
  public void computed(String what, Buffer values) {
    if (first != null) {
      return;
    }
    device.kernels().fill(count, 0);
    device.kernels().countNonFinite(count, values);
    device.download(MemorySegment.ofArray(host), count);
    if (host[0] > 0) {
      first = what + " (" + (long) host[0] + " of " + values.length() + " values)";
    }
  }

  /** What was found, or that nothing was. */
  String first() {
    return first == null ? "none found when the step was repeated" : first;
  }

  @Override
  public void close() {
    count.release();
  }
}
