package dev.culebra.cli;

import dev.culebra.cli.BenchCase.Memory;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.kernel.Activation;
import dev.culebra.runtime.kernel.AdamW;
import dev.culebra.runtime.kernel.Attention;
import dev.culebra.runtime.kernel.AttentionOptions;
import dev.culebra.runtime.kernel.CrossEntropy;
import dev.culebra.runtime.kernel.Epilogue;
import dev.culebra.runtime.kernel.Intervals;
import dev.culebra.runtime.kernel.Kernels;
import dev.culebra.runtime.kernel.Matrix;
import dev.culebra.runtime.kernel.Norm;
import dev.culebra.runtime.kernel.StepValues;
import dev.culebra.runtime.text.Format;
import java.util.List;
import java.util.function.Function;

/**
 * The operations that decide the speed of pretraining, at the shapes of one training step.
 *
 * @param sequences sequences of a batch
 * @param context positions of a sequence
 * @param width values per position
 * @param heads attention heads
 * @param vocabulary classes
 * @param logitRows rows of a chunk of logits
 * @param parameters weights that the optimiser updates
 */
record BenchCases(
    long sequences,
    long context,
    long width,
    int heads,
    long vocabulary,
    long logitRows,
    long parameters) {

  /** GPT-2's small model, 65,536 tokens: what a GPU is measured with. */
  static final BenchCases GPT2 = new BenchCases(64, 1024, 768, 12, 50_304, 8192, 124_439_808);

  /** A step that a CPU does in a moment. */
  static final BenchCases SMALL = new BenchCases(8, 256, 384, 6, 8192, 512, 13_000_000);

  /** The cases, in the order in which a step meets them; each owns memory while it runs. */
  List<Function<Memory, BenchCase>> on(Device device) {
    long unit = device.computeType().bytes();
    Kernels kernels = device.kernels();
    return List.of(
        memory -> copy(memory, kernels),
        memory -> matmul(memory, kernels, unit, "forward", rows(), 4 * width, width, false),
        memory -> matmul(memory, kernels, unit, "weight gradient", width, 4 * width, rows(), true),
        memory -> norm(memory, kernels, unit),
        memory -> normBackward(memory, kernels, unit),
        memory -> attention(memory, kernels, unit),
        memory -> attentionBackward(memory, kernels, unit),
        memory -> geluBackward(memory, kernels, unit),
        memory -> crossEntropy(memory, kernels, unit),
        memory -> embedding(memory, kernels, unit),
        memory -> embeddingBackward(memory, kernels, unit),
        memory -> globalNorm(memory, kernels),
        memory -> adamW(memory, kernels, device));
  }

  private long rows() {
    return sequences * context;
  }

  private static String by(long a, long b) {
    return a + " x " + b;
  }

  private BenchCase copy(Memory memory, Kernels kernels) {
    long length = Math.max(1L << 24, rows() * width * 4);
    Buffer x = memory.zeros(DType.F32, length);
    Buffer y = memory.zeros(DType.F32, length);
    return new BenchCase("copy", length + " x F32", 8 * length, 0, () -> kernels.copy(y, x));
  }

  private BenchCase matmul(
      Memory memory, Kernels kernels, long unit, String what, long m, long n, long k, boolean dw) {
    Matrix a = dw ? Matrix.of(memory.draws(k * m), k, m).t() : Matrix.of(memory.draws(m * k), m, k);
    Matrix b = Matrix.of(memory.draws(k * n), k, n);
    Buffer product = dw ? memory.zeros(DType.F32, m * n) : memory.draws(m * n);
    Matrix c = Matrix.of(product, m, n);
    return new BenchCase(
        "matmul, " + what,
        m + " x " + n + " x " + k,
        unit * (m * k + k * n) + product.bytes() * (dw ? 2 : 1),
        2.0 * m * n * k,
        () -> kernels.matmul(c, a, b, Epilogue.accumulate(dw)));
  }

  private BenchCase norm(Memory memory, Kernels kernels, long unit) {
    long n = rows();
    Matrix x = Matrix.of(memory.draws(n * width), n, width);
    Matrix y = Matrix.of(memory.draws(n * width), n, width);
    Buffer residual = memory.draws(n * width);
    Buffer sum = memory.draws(n * width);
    Buffer statistics = memory.zeros(DType.F32, 2 * n);
    Buffer gamma = memory.draws(width);
    Buffer beta = memory.draws(width);
    Norm norm = new Norm(Norm.Kind.LAYER, 1e-5f);
    return new BenchCase(
        "layer norm with residual",
        by(n, width),
        4 * unit * n * width,
        0,
        () -> kernels.norm(norm, y, statistics, sum, x, residual, gamma, beta));
  }

  private BenchCase normBackward(Memory memory, Kernels kernels, long unit) {
    long n = rows();
    Matrix s = Matrix.of(memory.draws(n * width), n, width);
    Matrix y = Matrix.of(memory.draws(n * width), n, width);
    Matrix ds = Matrix.of(memory.draws(n * width), n, width);
    Buffer statistics = memory.zeros(DType.F32, 2 * n);
    Buffer gamma = memory.draws(width);
    Buffer beta = memory.draws(width);
    Buffer dgamma = memory.zeros(DType.F32, width);
    Buffer dbeta = memory.zeros(DType.F32, width);
    Norm norm = new Norm(Norm.Kind.LAYER, 1e-5f);
    kernels.norm(norm, y, statistics, null, s, null, gamma, beta);
    return new BenchCase(
        "layer norm backward",
        by(n, width),
        4 * unit * n * width,
        0,
        () -> kernels.normBackward(norm, ds, dgamma, dbeta, y, s, statistics, gamma, true));
  }

  /** Queries, keys, values of causal attention over whole sequences, and their gradients. */
  private record Heads(Attention shape, Matrix qkv, Matrix out, Buffer logSumExp, Intervals seen) {}

  private Heads heads(Memory memory) {
    long n = rows();
    int size = Math.toIntExact(width / heads);
    return new Heads(
        new Attention(n, n, heads, heads, size, (float) (1 / Math.sqrt(size))),
        Matrix.of(memory.draws(n * 3 * width), n, 3 * width),
        Matrix.of(memory.draws(n * width), n, width),
        memory.zeros(DType.F32, n * heads),
        new Intervals(
            memory.integers(n, i -> i / context * context), memory.integers(n, i -> i + 1)));
  }

  private double attentionFlops() {
    return (double) sequences * context * context * width;
  }

  private String attentionShape() {
    return Format.text(
        "%d x %d, %s of %d, causal",
        sequences, context, Format.count(heads, "heads"), width / heads);
  }

  private BenchCase attention(Memory memory, Kernels kernels, long unit) {
    Heads h = heads(memory);
    return new BenchCase(
        "attention",
        attentionShape(),
        4 * unit * rows() * width,
        2 * attentionFlops(),
        () -> forward(kernels, h));
  }

  private void forward(Kernels kernels, Heads h) {
    kernels.attention(
        h.shape,
        h.out,
        h.logSumExp,
        h.qkv.columns(0, width),
        h.qkv.columns(width, width),
        h.qkv.columns(2 * width, width),
        h.seen,
        AttentionOptions.NONE);
  }

  private BenchCase attentionBackward(Memory memory, Kernels kernels, long unit) {
    Heads h = heads(memory);
    Matrix dout = Matrix.of(memory.draws(rows() * width), rows(), width);
    Matrix gradient = Matrix.of(memory.draws(rows() * 3 * width), rows(), 3 * width);
    forward(kernels, h);
    return new BenchCase(
        "attention backward",
        attentionShape(),
        8 * unit * rows() * width,
        5 * attentionFlops(),
        () ->
            kernels.attentionBackward(
                h.shape,
                gradient.columns(0, width),
                gradient.columns(width, width),
                gradient.columns(2 * width, width),
                null,
                dout,
                h.qkv.columns(0, width),
                h.qkv.columns(width, width),
                h.qkv.columns(2 * width, width),
                h.out,
                h.logSumExp,
                h.seen,
                AttentionOptions.NONE));
  }

  private BenchCase geluBackward(Memory memory, Kernels kernels, long unit) {
    long length = rows() * 4 * width;
    Buffer x = memory.draws(length);
    Buffer dy = memory.draws(length);
    return new BenchCase(
        "gelu backward",
        by(rows(), 4 * width),
        3 * unit * length,
        0,
        () -> kernels.activateBackward(Activation.GELU_TANH, dy, dy, x));
  }

  private BenchCase crossEntropy(Memory memory, Kernels kernels, long unit) {
    Matrix logits = Matrix.of(memory.draws(logitRows * vocabulary), logitRows, vocabulary);
    Buffer loss = memory.zeros(DType.F32, logitRows);
    Buffer target = memory.integers(logitRows, i -> memory.zipf(vocabulary));
    Buffer scale = memory.floats(1);
    return new BenchCase(
        "cross entropy in place",
        by(logitRows, vocabulary),
        2 * unit * logitRows * vocabulary,
        0,
        () -> kernels.crossEntropy(CrossEntropy.PLAIN, loss, logits, target, scale));
  }

  private BenchCase embedding(Memory memory, Kernels kernels, long unit) {
    Matrix y = Matrix.of(memory.draws(rows() * width), rows(), width);
    Matrix table = Matrix.of(memory.draws(vocabulary * width), vocabulary, width);
    Buffer index = memory.integers(rows(), i -> memory.zipf(vocabulary));
    return new BenchCase(
        "embedding",
        by(rows(), width),
        2 * unit * rows() * width,
        0,
        () -> kernels.gatherRows(y, table, index, false));
  }

  private BenchCase embeddingBackward(Memory memory, Kernels kernels, long unit) {
    Matrix y = Matrix.of(memory.draws(rows() * width), rows(), width);
    Matrix table = Matrix.of(memory.zeros(DType.F32, vocabulary * width), vocabulary, width);
    Buffer index = memory.integers(rows(), i -> memory.zipf(vocabulary));
    return new BenchCase(
        "embedding backward",
        by(rows(), width) + ", Zipf",
        unit * rows() * width,
        0,
        () -> kernels.scatterAddRows(table, y, index));
  }

  private BenchCase globalNorm(Memory memory, Kernels kernels) {
    Buffer gradient = memory.floats(parameters);
    Buffer values = memory.zeros(DType.F32, StepValues.COUNT);
    return new BenchCase(
        "global norm",
        String.valueOf(parameters),
        4 * parameters,
        0,
        () -> kernels.globalNorm(values, gradient, 1));
  }

  private BenchCase adamW(Memory memory, Kernels kernels, Device device) {
    boolean copies = device.computeType() != DType.F32;
    Buffer weights = memory.floats(parameters);
    Buffer gradient = memory.floats(parameters);
    Buffer m = memory.zeros(DType.F32, parameters);
    Buffer v = memory.zeros(DType.F32, parameters);
    Buffer compute = copies ? memory.draws(parameters) : null;
    Buffer values = memory.zeros(DType.F32, StepValues.COUNT);
    kernels.fill(values, 0.5f);
    AdamW options = new AdamW(0.9f, 0.95f, 1e-8f, 0.1f);
    return new BenchCase(
        "AdamW",
        String.valueOf(parameters),
        parameters * (copies ? 30 : 28),
        0,
        () -> kernels.adamW(options, weights, compute, gradient, m, v, parameters / 2, values));
  }
}
