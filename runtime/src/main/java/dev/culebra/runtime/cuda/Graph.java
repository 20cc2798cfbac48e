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
    MemorySegment graph;
    try {
      work.run();
      graph = stream.endCapture();
    } catch (RuntimeException | Error e) {
      Resources.closeAfter(
          e,
          () -> {
            if (stream.isCapturing()) {
              destroy(stream.endCapture());
            }
          });
      throw e;
    }
    Graph made;
    try {
      made =
          new Graph(
              Driver.handle(
                  "cuGraphInstantiateWithFlags",
                  out -> Cuda.cuGraphInstantiateWithFlags(out, graph, 0)));
    } catch (RuntimeException e) {
      Resources.closeAfter(e, () -> destroy(graph));
      throw e;
    }
    try {
      destroy(graph);
      Driver.check(Cuda.cuGraphUpload(made.executable, stream.handle()), "cuGraphUpload");
    } catch (RuntimeException e) {
      Resources.closeAfter(e, made::close);
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
