package dev.culebra.models.nn;

import dev.culebra.runtime.device.Acquired;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.kernel.Matrix;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.runtime.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** A matrix on a device that is given and not learned, in the compute type. */
public final class FixedTable implements AutoCloseable {

  private final Buffer values;
  private final Matrix matrix;

  /** A table of rows of {@code width} values. */
  public FixedTable(Device device, String name, float[] rows, long width) {
    try (Acquired acquired = new Acquired()) {
      Buffer floats = acquired.add(device.allocate(name, DType.F32, rows.length));
      device.upload(floats, MemorySegment.ofArray(rows));
      if (device.computeType() == DType.F32) {
        this.values = floats;
        acquired.keep();
      } else {
        this.values = device.allocate(name, device.computeType(), rows.length);
        device.kernels().copy(values, floats);
      }
    }
    this.matrix = Matrix.of(values, rows.length / width, width);
  }

  /** The rows of that number, as a tensor whose gradient nobody wants. */
  public Tensor rows(Tape tape, String name, Buffer index, long count) {
    Tensor y = tape.tensor(name, count, matrix.cols());
    tape.kernels().gatherRows(y.matrix(), matrix, index, false);
    tape.record(name, () -> {}, List.of(y));
    return y;
  }

  @Override
  public void close() {
    if (values.alive()) {
      values.release();
    }
  }
}
