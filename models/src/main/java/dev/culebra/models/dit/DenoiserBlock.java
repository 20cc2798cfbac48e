package dev.culebra.models.dit;

import dev.culebra.models.nn.Layers;
import dev.culebra.models.nn.Linear;
import dev.culebra.runtime.kernel.Attention;
import dev.culebra.runtime.kernel.Norm;
import dev.culebra.runtime.tensor.AttentionFunctions;
import dev.culebra.runtime.tensor.Functions;
import dev.culebra.runtime.tensor.Functions.Normalized;
import dev.culebra.runtime.tensor.Initializer;
import dev.culebra.runtime.tensor.Parameters;
import dev.culebra.runtime.tensor.Pointwise;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.runtime.tensor.Tensor;

/**
 * An adaLN-Zero block of {@link Denoiser}: with shift, scale and gate of attention (1) and of the
 * feed-forward layer (2) from the condition, and norms without weights,
 *
 * <pre>
 *   x += gate1 attention(norm(x) (1 + scale1) + shift1)
 *   x += gate2 feedForward(norm(x) (1 + scale2) + shift2)
 * </pre>
 *
 * <p>The gates start at zero, so each block starts as the identity.
 */
record DenoiserBlock(
    String name,
    DenoiserShape shape,
    Linear qkv,
    Linear out,
    Linear up,
    Linear down,
    Modulation modulation) {

  /**
   * The residual stream between blocks; the next norm adds it up.
   *
   * @param added what was made last; null before the first block
   */
  record Stream(Tensor sum, Tensor added) {}

  /** Declares the block of that number. */
  static DenoiserBlock declare(Parameters all, int number, DenoiserShape s) {
    String name = "transformer_blocks." + number + ".";
    long c = s.width();
    Layers zero = new Layers(all, Initializer.zeros());
    return new DenoiserBlock(
        "layer " + number,
        s,
        // The authors draw queries, keys and values as one matrix.
        new Layers(all, Initializer.xavier(c, 3 * c))
            .linear(c, c, name + "attn1.to_q", name + "attn1.to_k", name + "attn1.to_v"),
        xavier(all, name + "attn1.to_out.0", c, c),
        xavier(all, name + "ff.net.0.proj", c, s.hidden()),
        xavier(all, name + "ff.net.2", s.hidden(), c),
        new Modulation(zero.linear(c, 6 * c, name + "norm1.linear"), "layer " + number, c));
  }

  private static Linear xavier(Parameters all, String name, long in, long out) {
    return new Layers(all, Initializer.xavier(in, out)).linear(in, out, name);
  }

  /** The stream after the block. */
  Stream forward(Tape tape, Stream in, Tensor condition, Denoiser.Input input) {
    long rows = in.sum.rows();
    Tensor all = modulation.of(tape, condition);
    Tensor[] parts = new Tensor[6];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = modulation.part(tape, all, i, input, rows);
    }
    Normalized first = norm(tape, "attention norm", DenoiserShape.EPSILON, in);
    Tensor read = modulate(tape, "attention input", first.normalized(), parts[0], parts[1]);
    Tensor attended = gate(tape, "attention", attend(tape, read, input), parts[2]);
    Normalized second =
        norm(tape, "feed-forward norm", shape.epsilon(), new Stream(first.sum(), attended));
    Tensor fed = modulate(tape, "feed-forward input", second.normalized(), parts[3], parts[4]);
    Tensor hidden =
        Functions.linearGelu(
            tape, name + " feed-forward", fed, up.weight(), up.outputsFirst(), up.bias());
    Tensor made = added(tape, name + " feed-forward output", down, hidden);
    return new Stream(second.sum(), gate(tape, "feed-forward", made, parts[5]));
  }

  private Normalized norm(Tape tape, String what, double epsilon, Stream in) {
    Norm norm = new Norm(Norm.Kind.LAYER, (float) epsilon);
    return Functions.norm(tape, name + " " + what, norm, in.sum, in.added, null, null);
  }

  /** What goes into the residual stream, but for its gate. */
  private static Tensor added(Tape tape, String what, Linear linear, Tensor x) {
    return Pointwise.dropout(tape, what + " dropout", linear.apply(tape, what, x));
  }

  private Tensor modulate(Tape tape, String what, Tensor x, Tensor shift, Tensor scale) {
    return Pointwise.modulate(tape, name + " " + what, x, scale, shift);
  }

  private Tensor gate(Tape tape, String what, Tensor x, Tensor by) {
    return Pointwise.multiply(tape, name + " gated " + what, x, by);
  }

  private Tensor attend(Tape tape, Tensor x, Denoiser.Input input) {
    int headSize = shape.width() / shape.heads();
    float scale = (float) (1 / Math.sqrt(headSize));
    Attention attention =
        new Attention(x.rows(), x.rows(), shape.heads(), shape.heads(), headSize, scale);
    Tensor qkv = this.qkv.apply(tape, name + " queries, keys, values", x);
    Tensor attended =
        AttentionFunctions.self(
            tape, name + " attention", attention, qkv, input.intervals(), null, null);
    return added(tape, name + " attention output", out, attended);
  }
}
