package dev.culebra.runtime.cuda;

import dev.culebra.bindings.cuda.Cuda;
import java.lang.foreign.MemorySegment;

/** Captured work that is launched as one. */
final class Graph implements AutoCloseable {

  private MemorySegment executable;

  private Graph(MemorySegment executable) {
    this.executable = executable;
  }

  /**
   * Captures what {@code work} gives to {@code stream}. Nothing of it runs yet.
   *
   * <p>If anything fails, the capture is ended and what was made is destroyed.
   */
  static Graph capture(Stream stream, Runnable work) {
    stream.beginCapture();
    try {
      work.run();
    } catch (RuntimeException | Error e) {
      try {
        destroy(stream.endCapture());
      } catch (RuntimeException ended) {
        e.addSuppressed(ended);
      }
      throw e;
    }
    MemorySegment graph = stream.endCapture();
    MemorySegment executable;
    try {
      executable =
          Driver.handle(
              "cuGraphInstantiate", out -> Cuda.cuGraphInstantiateWithFlags(out, graph, 0));
    } catch (RuntimeException e) {
      try {
        destroy(graph);
      } catch (RuntimeException again) {
        e.addSuppressed(again);
      }
      throw e;
    }
    Graph made = new Graph(executable);
    try {
      destroy(graph);
      Driver.check(Cuda.cuGraphUpload(executable, stream.handle()), "cuGraphUpload");
    } catch (RuntimeException e) {
      try {
        made.close();
      } catch (RuntimeException again) {
        e.addSuppressed(again);
      }
      throw e;
    }
    return made;
  }

  private static void destroy(MemorySegment graph) {
    if (graph.address() != 0) {
      Driver.check(Cuda.cuGraphDestroy(graph), "cuGraphDestroy");
    }
  }

  /** Gives the whole work to {@code stream}. */
  void launch(Stream stream) {
    if (executable == null) {
      throw new IllegalStateException("a graph was used after its close");
    }
    Driver.check(Cuda.cuGraphLaunch(executable, stream.handle()), "cuGraphLaunch");
  }

  @Override
  public void close() {
    if (executable != null) {
      MemorySegment closing = executable;
      executable = null;
      Driver.check(Cuda.cuGraphExecDestroy(closing), "cuGraphExecDestroy");
    }
  }
}
