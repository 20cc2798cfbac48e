package dev.culebra.runtime.cuda;

import dev.culebra.runtime.device.Program;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Repeated work as CUDA graphs, one per shape.
 *
 * <p>The first run of a shape warms up: kernels are compiled, matmul algorithms chosen, the
 * workspace grows. The second is captured, and from then on replayed. A capture runs nothing by
 * itself, so every run has the same effect, whether it was launched one by one or as a graph.
 */
final class CudaProgram implements Program {

  /** More shapes than these are launched one by one: a graph takes memory. */
  private static final int MOST_GRAPHS = 32;

  private final CudaDevice device;
  private final Stream stream;
  private final boolean capture;
  private final Set<Object> warm = new HashSet<>();
  private final Map<Object, Graph> graphs = new HashMap<>();
  private final Resources resources = new Resources();

  /** A program on {@code stream}; without {@code capture}, everything is launched one by one. */
  CudaProgram(CudaDevice device, Stream stream, boolean capture) {
    this.device = device;
    this.stream = stream;
    this.capture = capture;
  }

  @Override
  public void run(Object shape, Runnable work) {
    Graph graph = graphs.get(shape);
    if (graph == null && capture && graphs.size() < MOST_GRAPHS && !warm.add(shape)) {
      graph = resources.add(Graph.capture(stream, work));
      graphs.put(shape, graph);
    }
    if (graph == null) {
      work.run();
    } else {
      graph.launch(stream);
    }
  }

  @Override
  public void close() {
    device.returned(this);
    graphs.clear();
    resources.close();
  }
}
