package dev.culebra.runtime.tensor;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.device.Turns;
import dev.culebra.runtime.kernel.Kernels;
import dev.culebra.runtime.kernel.Matrix;
import java.util.ArrayList;
import java.util.List;

/**
 * Records what the forward pass did and plays it back for gradients.
 *
 * <p>A function ({@link Functions}) runs its operations at once, makes its results with {@link
 * #tensor}, and records a node: the results, what it wants to keep, and how to turn the results'
 * gradients into its arguments' gradients. {@link #backward} runs the nodes from last to first.
 * After a node has run, nothing later can ask for its results, so their memory returns to the
 * workspace right away.
 *
 * <p>Gradients of tensors need no zeroing: the first one to arrive is stored, later ones are added.
 * Gradients of parameters are always added, so that micro-batches accumulate.
 *
 * <p>A tape has the device's {@linkplain Device#turn turn} until it is closed.
 */
public final class Tape implements AutoCloseable {

  /** Sees every value and gradient as it is made; used to find the first one that is not finite. */
  public interface Observer {
    /** {@code values} of {@code what} were just computed. */
    void computed(String what, Buffer values);
  }

  /**
   * Where a function must put an argument's gradient.
   *
   * @param matrix the place
   * @param accumulate whether to add to what is there
   */
  public record Sink(Matrix matrix, boolean accumulate) {}

  private record Node(String name, Runnable backward, List<Tensor> results, List<Buffer> kept) {}

  private final Device device;
  private final boolean recording;
  private final Observer observer;
  private final List<Node> nodes = new ArrayList<>();
  private final List<Tensor> unrecorded = new ArrayList<>();
  private final List<Tensor> touched = new ArrayList<>();
  private final Turns.Turn turn;
  private Noise noise;
  private boolean closed;

  private Tape(Device device, boolean recording, Observer observer) {
    this.device = device;
    this.recording = recording;
    this.observer = observer;
    this.turn = device.turn();
  }

  /** A tape for training. */
  public static Tape recording(Device device) {
    return new Tape(device, true, null);
  }

  /** A tape for training that shows {@code observer} every value and gradient. */
  public static Tape observed(Device device, Observer observer) {
    return new Tape(device, true, observer);
  }

  /** A tape that keeps nothing for gradients: evaluation and generation. */
  public static Tape forwardOnly(Device device) {
    return new Tape(device, false, null);
  }

  /** This tape, whose functions draw from {@code of}: dropout. Without it, none drops anything. */
  public Tape with(Noise of) {
    noise = of;
    return this;
  }

  /** What functions draw from, or null. */
  public Noise noise() {
    return noise;
  }

  /** Whether gradients are wanted. */
  public boolean recording() {
    return recording;
  }

  /** The device all of this runs on. */
  public Device device() {
    return device;
  }

  /** The operations of the device. */
  public Kernels kernels() {
    return device.kernels();
  }

  /** A result of undefined content in the device's compute type, freed with this tape. */
  public Tensor tensor(String name, long rows, long width) {
    Tensor tensor = new Tensor(name, scratch(name, rows * width), rows, width);
    unrecorded.add(tensor);
    return tensor;
  }

  /**
   * Workspace memory in the compute type; the caller releases it or gives it to {@link #record}.
   */
  public Buffer scratch(String name, long length) {
    return device.workspace().allocate(name, device.computeType(), length);
  }

  /** Workspace memory in float32; the caller releases it or gives it to {@link #record}. */
  public Buffer floats(String name, long length) {
    return device.workspace().allocate(name, DType.F32, length);
  }

  /**
   * Records a node.
   *
   * @param backward turns the gradients of the results into those of the arguments, with {@link
   *     #gradient}, {@link #sink} and {@link #pass}
   * @param results what the function made; if none of them receives a gradient, {@code backward} is
   *     skipped. A function without results, a loss, always runs
   * @param kept scratch to be released after {@code backward}
   */
  public void record(String name, Runnable backward, List<Tensor> results, Buffer... kept) {
    if (observer != null) {
      results.forEach(t -> observer.computed(t.name(), t.data()));
    }
    if (recording) {
      nodes.add(new Node(name, backward, results, List.of(kept)));
      unrecorded.removeAll(results);
    } else {
      for (Buffer buffer : kept) {
        buffer.release();
      }
    }
  }

  /**
   * Records scratch that later functions use until backward has come back here: it is released
   * then, after {@code backward}, or with this tape.
   */
  public void hold(String name, Runnable backward, List<Buffer> buffers) {
    nodes.add(new Node(name, backward, List.of(), buffers));
  }

  /** The gradient of a result, or null if nothing depends on it. */
  public Buffer gradient(Tensor result) {
    return result.gradient();
  }

  /** Where to write or add the gradient of an argument. */
  public Sink sink(Tensor argument) {
    touched.add(argument);
    Buffer gradient = argument.gradient();
    boolean first = gradient == null;
    if (first || !gradient.exclusive()) {
      Buffer fresh = scratch(argument.name() + " gradient", argument.data().length());
      if (!first) {
        kernels().copy(fresh, gradient);
        gradient.release();
      }
      argument.gradient(fresh);
    }
    return new Sink(Matrix.of(argument.gradient(), argument.rows(), argument.width()), !first);
  }

  /** Adds {@code gradient} to that of an argument; the first one is shared, not copied. */
  public void pass(Tensor argument, Buffer gradient) {
    if (argument.gradient() == null) {
      touched.add(argument);
      argument.gradient(gradient.retain());
    } else {
      Sink sink = sink(argument);
      kernels().axpby(sink.matrix().data(), 1, gradient, 1);
    }
  }

  /** Runs all nodes from last to first and frees what they held. */
  public void backward() {
    if (!recording) {
      throw new IllegalStateException("this tape does not record");
    }
    while (!nodes.isEmpty()) {
      Node node = nodes.removeLast();
      boolean wanted =
          node.results.isEmpty() || node.results.stream().anyMatch(t -> t.gradient() != null);
      touched.clear();
      if (wanted) {
        node.backward.run();
      }
      if (observer != null) {
        touched.forEach(t -> observer.computed(t.name() + " gradient", t.gradient()));
      }
      free(node);
    }
  }

  private static void free(Node node) {
    node.kept.forEach(Buffer::release);
    node.results.forEach(Tape::free);
  }

  private static void free(Tensor tensor) {
    tensor.data().release();
    if (tensor.gradient() != null) {
      tensor.gradient().release();
      tensor.gradient(null);
    }
  }

  /** Frees whatever backward has not freed. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try (turn) {
      while (!nodes.isEmpty()) {
        free(nodes.removeLast());
      }
      unrecorded.forEach(Tape::free);
      unrecorded.clear();
    }
  }
}
