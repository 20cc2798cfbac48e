package dev.culebra.operations.rows;

import static dev.culebra.operations.harness.Argument.buffer;
import static dev.culebra.operations.harness.Argument.matrix;

import dev.culebra.operations.harness.Argument;
import dev.culebra.operations.harness.Buffers;
import dev.culebra.operations.harness.Draw;
import dev.culebra.operations.harness.Gradient;
import dev.culebra.operations.harness.Kernel;
import dev.culebra.operations.harness.Operation;
import dev.culebra.operations.harness.Tolerance;
import dev.culebra.operations.harness.Values;
import dev.culebra.operations.reference.ActivationReference;
import dev.culebra.operations.reference.MatmulReference;
import dev.culebra.runtime.kernel.Activation;
import dev.culebra.runtime.kernel.Epilogue;
import dev.culebra.runtime.kernel.Kernels;
import dev.culebra.runtime.kernel.Matrix;
import java.util.ArrayList;
import java.util.List;

/**
 * Rows of the table: matrix products. The gradient of {@code matmul} is made of further products,
 * as a linear layer makes it.
 */
public final class MatmulRows {

  /** All of them. */
  public static final List<Operation<?>> ROWS = List.of(matmul(), addColumnSums());

  private MatmulRows() {}

  /**
   * C = A B + bias, then GELU; C is m x n, A m x k or stored as its transpose, B likewise.
   * Accumulated products take neither bias nor GELU.
   */
  private record Product(
      int m, int n, int k, boolean at, boolean bt, boolean accumulate, boolean bias, boolean gelu) {

    static Product drawn(int m, int n, int k, Draw draw) {
      boolean accumulate = draw.chance(0.25);
      return new Product(
          m,
          n,
          k,
          draw.chance(0.5),
          draw.chance(0.5),
          accumulate,
          !accumulate && draw.chance(0.5),
          !accumulate && draw.chance(0.5));
    }

    Argument a(String name) {
      return at ? matrix(name, k, m) : matrix(name, m, k);
    }

    Argument b(String name) {
      return bt ? matrix(name, n, k) : matrix(name, k, n);
    }
  }

  private static List<Product> shapes(Draw draw) {
    List<Product> shapes = new ArrayList<>();
    for (int width : Tails.WIDTHS) {
      shapes.add(Product.drawn(width, draw.one(Tails.WIDTHS), draw.one(Tails.WIDTHS), draw));
      shapes.add(Product.drawn(draw.between(1, 20), width, draw.between(1, 20), draw));
      shapes.add(Product.drawn(draw.between(1, 20), draw.between(1, 20), width, draw));
    }
    shapes.add(Product.drawn(0, 5, 7, draw));
    shapes.add(Product.drawn(5, 0, 7, draw));
    shapes.add(Product.drawn(5, 7, 0, draw));
    for (int options = 0; options < 16; options++) {
      boolean at = (options & 1) != 0;
      boolean bt = (options & 2) != 0;
      boolean bias = (options & 4) != 0;
      boolean gelu = (options & 8) != 0;
      shapes.add(new Product(9, 17, 33, at, bt, false, bias, gelu));
      shapes.add(new Product(9, 17, 33, at, bt, true, false, false));
    }
    return shapes;
  }

  private static List<Product> large(Draw draw) {
    return List.of(
        Product.drawn(300, 257, 129, draw),
        Product.drawn(64, 700, 320, draw),
        Product.drawn(1, 600, 300, draw),
        Product.drawn(33, 65, 2000, draw));
  }

  private static Operation<Product> matmul() {
    return Operation.of(
        "matmul",
        MatmulRows::shapes,
        MatmulRows::large,
        Kernel.of(
            "matmul",
            s ->
                List.of(
                    matrix("c", s.m, s.n).result(s.accumulate),
                    s.a("a"),
                    s.b("b"),
                    buffer("bias", s.n).when(s.bias),
                    buffer("pre", s.m, s.n).result().when(s.gelu)),
            MatmulRows::forward,
            (k, s, b) ->
                k.matmul(
                    b.matrix("c"),
                    turned(b.matrix("a"), s.at),
                    turned(b.matrix("b"), s.bt),
                    new Epilogue(s.accumulate, b.buffer("bias"), b.buffer("pre"))),
            // The product, of size sqrt(k), may be stored before the bias is added.
            s -> Tolerance.over(s.k).ofRoundedTerms(s.bias ? s.k : 0)),
        Gradient.by(
            Kernel.composed(
                List.of("matmul", "addColumnSums", "activateBackward"),
                s ->
                    List.of(
                        s.a("da").result(s.accumulate),
                        s.b("db").f32().added(),
                        buffer("dbias", s.n).f32().added().when(s.bias),
                        s.gelu ? buffer("dc", s.m, s.n).updated() : matrix("dc", s.m, s.n),
                        s.a("a"),
                        s.b("b"),
                        buffer("pre", s.m, s.n).when(s.gelu)),
                MatmulRows::backward,
                MatmulRows::callBackward,
                // The slope of GELU is less exact than a product: see ActivationRows. What it gives
                // is stored before it is multiplied.
                s ->
                    Tolerance.over(s.m + s.n)
                        .scaled(s.gelu ? 4 : 1)
                        .ofRoundedTerms(s.gelu ? s.m + s.n : 0))));
  }

  private static void forward(Product s, Values v) {
    double[] c = v.sum("c", s.accumulate);
    MatmulReference.addProduct(s.m, s.n, s.k, c, v.get("a"), s.at, v.get("b"), s.bt);
    if (s.bias) {
      MatmulReference.addBias(s.m, s.n, c, v.get("bias"));
    }
    for (int i = 0; i < c.length && s.gelu; i++) {
      v.get("pre")[i] = c[i];
      c[i] = ActivationReference.gelu(c[i]);
    }
  }

  /** dC becomes dC gelu'(pre); dA += dC B^T; dB += A^T dC; dbias += sum of dC's rows. */
  private static void backward(Product s, Values v) {
    double[] dc = v.get("dc");
    for (int i = 0; i < dc.length && s.gelu; i++) {
      dc[i] *= ActivationReference.geluDerivative(v.get("pre")[i]);
    }
    double[] da = v.sum("da", s.accumulate);
    double[] db = v.get("db");
    if (s.at) {
      MatmulReference.addProduct(s.k, s.m, s.n, da, v.get("b"), s.bt, dc, true);
    } else {
      MatmulReference.addProduct(s.m, s.k, s.n, da, dc, false, v.get("b"), !s.bt);
    }
    if (s.bt) {
      MatmulReference.addProduct(s.n, s.k, s.m, db, dc, true, v.get("a"), s.at);
    } else {
      MatmulReference.addProduct(s.k, s.n, s.m, db, v.get("a"), !s.at, dc, false);
    }
    if (s.bias) {
      MatmulReference.addColumnSums(s.m, s.n, v.get("dbias"), dc);
    }
  }

  private static void callBackward(Kernels k, Product s, Buffers b) {
    Matrix a = turned(b.matrix("a"), s.at);
    Matrix w = turned(b.matrix("b"), s.bt);
    Matrix dc;
    if (s.gelu) {
      k.activateBackward(Activation.GELU_TANH, b.buffer("dc"), b.buffer("dc"), b.buffer("pre"));
      dc = Matrix.of(b.buffer("dc"), s.m, s.n);
    } else {
      dc = b.matrix("dc");
    }
    Epilogue store = Epilogue.accumulate(s.accumulate);
    if (s.at) {
      k.matmul(b.matrix("da"), w, dc.t(), store);
    } else {
      k.matmul(b.matrix("da"), dc, w.t(), store);
    }
    if (s.bt) {
      k.matmul(b.matrix("db"), dc.t(), a, Epilogue.ADD);
    } else {
      k.matmul(b.matrix("db"), a.t(), dc, Epilogue.ADD);
    }
    if (s.bias) {
      k.addColumnSums(b.buffer("dbias"), dc);
    }
  }

  private static Matrix turned(Matrix matrix, boolean transposed) {
    return transposed ? matrix.t() : matrix;
  }

  private record Sums(int n, int c) {}

  private static Operation<Sums> addColumnSums() {
    return Operation.of(
        "addColumnSums",
        draw -> Tails.rows(draw, (n, c, o) -> new Sums(n, c)),
        draw -> Tails.largeRows(draw, (n, c, o) -> new Sums(n, c)),
        Kernel.of(
            "addColumnSums",
            s -> List.of(buffer("sum", s.c).f32().added(), matrix("x", s.n, s.c).anyRows()),
            (s, a) -> MatmulReference.addColumnSums(s.n, s.c, a.get("sum"), a.get("x")),
            (k, s, b) -> k.addColumnSums(b.buffer("sum"), b.matrix("x")),
            s -> Tolerance.over(s.n)));
  }
}
