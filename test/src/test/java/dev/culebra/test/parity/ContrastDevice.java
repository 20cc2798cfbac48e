package dev.culebra.test.parity;

import dev.culebra.operations.reference.ContrastReference.Batch;
import dev.culebra.operations.reference.ContrastReference.Gradients;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.kernel.Contrast;
import dev.culebra.runtime.kernel.Matrix;
import dev.culebra.runtime.kernel.Negatives;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Contrastive losses of a batch on a device that computes in float32, as the reference gives them.
 */
final class ContrastDevice {

  private final Device device;
  private final Batch batch;
  private final Matrix q;
  private final Matrix k;
  private final Buffer loss;
  private final Buffer dq;
  private final Buffer dk;
  private final Buffer dlogScale;
  private final Buffer dbias;
  private final Negatives negatives;

  /** The batch in the device's memory; the pairs that it masks become exceptions. */
  ContrastDevice(Device device, Batch batch) {
    this.device = device;
    this.batch = batch;
    q = Matrix.of(floats(batch.q()), batch.n(), batch.d());
    k = Matrix.of(floats(batch.k()), batch.m(), batch.d());
    loss = floats(new double[batch.n()]);
    dq = floats(new double[batch.q().length]);
    dk = floats(new double[batch.k().length]);
    dlogScale = floats(0);
    dbias = floats(0);
    negatives = exceptions();
  }

  private Negatives exceptions() {
    int[] starts = new int[batch.n() + 1];
    int[] columns = new int[batch.n() * batch.m()];
    for (int i = 0; i < batch.n(); i++) {
      starts[i + 1] = starts[i];
      for (int j = 0; j < batch.m(); j++) {
        if (i != j && batch.forward().test(i, j)) {
          columns[starts[i + 1]++] = j;
        }
      }
    }
    return new Negatives(null, null, new Negatives.Exceptions(ints(starts), ints(columns)));
  }

  /** Each query's contrastive loss, and the gradients of their sum. */
  Gradients contrast(boolean symmetric, double logScale, double[] losses) {
    device
        .kernels()
        .contrast(
            symmetric ? Contrast.SYMMETRIC : Contrast.ONE_SIDED,
            loss,
            dq,
            dk,
            dlogScale,
            q,
            k,
            floats(logScale),
            negatives,
            floats(1));
    return results(losses);
  }

  /** Each query's sigmoid loss, and the gradients of their sum. */
  Gradients sigmoid(double logScale, double bias, double[] losses) {
    device
        .kernels()
        .pairwiseSigmoid(
            Contrast.BUDGET,
            loss,
            dq,
            dk,
            dlogScale,
            dbias,
            q,
            k,
            floats(logScale),
            floats(bias),
            negatives,
            floats(1));
    return results(losses);
  }

  private Gradients results(double[] losses) {
    double[] found = doubles(loss);
    System.arraycopy(found, 0, losses, 0, found.length);
    return new Gradients(doubles(dq), doubles(dk), doubles(dlogScale)[0], doubles(dbias)[0]);
  }

  private Buffer floats(double... values) {
    Buffer buffer = device.allocate("floats", DType.F32, values.length);
    for (int i = 0; i < values.length; i++) {
      buffer.memory().setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) values[i]);
    }
    return buffer;
  }

  private Buffer ints(int... values) {
    Buffer buffer = device.allocate("ints", DType.I32, values.length);
    MemorySegment.copy(values, 0, buffer.memory(), ValueLayout.JAVA_INT, 0, values.length);
    return buffer;
  }

  private static double[] doubles(Buffer buffer) {
    double[] values = new double[Math.toIntExact(buffer.length())];
    for (int i = 0; i < values.length; i++) {
      values[i] = buffer.memory().getAtIndex(ValueLayout.JAVA_FLOAT, i);
    }
    return values;
  }
}
