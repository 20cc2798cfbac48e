package dev.culebra.models.dit;

import dev.culebra.models.nn.FixedTable;
import dev.culebra.models.nn.Layers;
import dev.culebra.models.nn.Linear;
import dev.culebra.models.nn.Model;
import dev.culebra.runtime.device.Acquired;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.kernel.Activation;
import dev.culebra.runtime.kernel.Intervals;
import dev.culebra.runtime.kernel.Norm;
import dev.culebra.runtime.tensor.Functions;
import dev.culebra.runtime.tensor.Functions.Lookup;
import dev.culebra.runtime.tensor.Functions.Normalized;
import dev.culebra.runtime.tensor.Initializer;
import dev.culebra.runtime.tensor.Parameter;
import dev.culebra.runtime.tensor.Parameter.Kind;
import dev.culebra.runtime.tensor.Parameters;
import dev.culebra.runtime.tensor.Pointwise;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.runtime.tensor.Tensor;
import dev.culebra.runtime.text.Format;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import tools.jackson.databind.node.ObjectNode;

/**
 * A denoiser on a device: DiT (Peebles and Xie 2023, arXiv:2212.09748) with adaLN-Zero blocks, its
 * authors' initialisation, and without their learned variance, under the parameter names of
 * diffusers' {@code DiTTransformer2DModel}.
 *
 * <p>An image is a document whose rows are its patches, which all see each other. The patch
 * embedding, published as a convolution whose stride is its kernel, is a linear layer over rows of
 * patches that the host laid out. The fixed positions are made here and left out of weight files.
 *
 * <p>As the authors have it, all blocks share what embeds step and class. That class gives each
 * block its own, so weight files hold equal copies, and differing ones are refused. A model without
 * classes has one class row, for no class.
 */
public final class Denoiser implements Model {

  /** Width of the cosines and sines of a step. */
  private static final int FREQUENCIES = 256;

  private static final Norm NORM = new Norm(Norm.Kind.LAYER, (float) DenoiserShape.EPSILON);

  /** Where diffusers keeps what a step and a class become: in each block the same. */
  private static final String TOLD = "transformer_blocks.0.norm1.emb.";

  private final DenoiserShape shape;
  private final Parameters all = new Parameters();
  private final Linear patches;
  private final Linear stepIn;
  private final Linear stepOut;
  private final Parameter classes;
  private final List<DenoiserBlock> blocks = new ArrayList<>();
  private final Linear lastModulation;
  private final Linear last;
  private final FixedTable steps;
  private final FixedTable positions;

  /**
   * What it reads of a batch of B images of P patches each, so N = B P rows.
   *
   * @param patches F32, N x values of a patch, [channels, y, x]
   * @param steps I32, B: how noisy each image is
   * @param classes I32, B: the class of each; the number of classes for none
   * @param images I32, N: which image a row belongs to
   * @param positions I32, N: which of its patches it is
   * @param intervals the rows of each row's image
   * @param count B
   */
  public record Input(
      Buffer patches,
      Buffer steps,
      Buffer classes,
      Buffer images,
      Buffer positions,
      Intervals intervals,
      long count) {}

  /** Allocates a denoiser on {@code device}; its weights are zeros until they are set. */
  public Denoiser(Device device, DenoiserShape shape) {
    this(device, shape, true);
  }

  private Denoiser(Device device, DenoiserShape s, boolean trained) {
    this.shape = s;
    this.patches = convolution(s);
    Layers normal = Layers.normal(all);
    String step = TOLD + "timestep_embedder.linear_";
    this.stepIn = normal.linear(FREQUENCIES, s.width(), step + "1");
    this.stepOut = normal.linear(s.width(), s.width(), step + "2");
    this.classes =
        normal.embedding(
            TOLD + "class_embedder.embedding_table.weight", s.classes() + 1L, s.width());
    for (int i = 0; i < s.layers(); i++) {
      blocks.add(DenoiserBlock.declare(all, i, s));
    }
    Layers zero = new Layers(all, Initializer.zeros());
    this.lastModulation = zero.linear(s.width(), 2L * s.width(), "proj_out_1");
    this.last = zero.linear(s.width(), s.patchValues(), "proj_out_2");
    float[] places = PlanePositions.table(s.side() / s.patch(), s.width());
    try (Acquired acquired = new Acquired()) {
      if (trained) {
        all.allocate(device);
      } else {
        all.allocateWeights(device);
      }
      acquired.add(all::close);
      this.steps = new FixedTable(device, "step frequencies", frequencies(s.steps()), FREQUENCIES);
      acquired.add(steps::close);
      this.positions = new FixedTable(device, "patch positions", places, s.width());
      acquired.keep();
    }
  }

  /** One that is not trained itself: it holds averages of another one's weights. */
  public static Denoiser untrained(Device device, DenoiserShape shape) {
    return new Denoiser(device, shape, false);
  }

  private Linear convolution(DenoiserShape s) {
    Initializer init = Initializer.xavier(s.patchValues(), s.width());
    String name = "pos_embed.proj";
    return new Linear(
        all.add(Kind.HIDDEN, name + ".weight", init, s.width(), s.channels(), s.patch(), s.patch()),
        all.add(Kind.BIAS, name + ".bias", Initializer.zeros(), s.width()),
        true);
  }

  private static float[] frequencies(int steps) {
    float[] table = new float[Math.multiplyExact(steps, FREQUENCIES)];
    float[] row = new float[FREQUENCIES];
    for (int t = 0; t < steps; t++) {
      TimestepEmbedding.embed(t, row);
      System.arraycopy(row, 0, table, t * FREQUENCIES, FREQUENCIES);
    }
    return table;
  }

  /** The shape. */
  public DenoiserShape shape() {
    return shape;
  }

  @Override
  public Parameters parameters() {
    return all;
  }

  @Override
  public ObjectNode config(TokenIds ids) {
    return DenoiserConfig.write(shape);
  }

  @Override
  public String description() {
    return Format.text(
        "dit, %,d parameters: %s, width %d, %s, images %d x %d x %d in patches of %d, %s",
        all.count(),
        Format.count(shape.layers(), "layers"),
        shape.width(),
        Format.count(shape.heads(), "heads"),
        shape.side(),
        shape.side(),
        shape.channels(),
        shape.patch(),
        Format.count(shape.classes(), "classes"));
  }

  @Override
  public String weightFile() {
    return "diffusion_pytorch_model.safetensors";
  }

  /** The fixed positions, which some files hold. */
  @Override
  public boolean ignores(String tensor) {
    return tensor.equals("pos_embed.pos_embed");
  }

  @Override
  public List<String> copies(String tensor) {
    return tensor.startsWith(TOLD)
        ? IntStream.range(1, shape.layers())
            .mapToObj(i -> tensor.replace("blocks.0.", "blocks." + i + "."))
            .toList()
        : List.of();
  }

  /** What it finds in noised images, N x values of a patch, [y, x, channels]. */
  public Tensor forward(Tape tape, Input input) {
    long rows = input.count() * shape.patches();
    Tensor condition = condition(tape, input);
    Tensor x = tape.tensor("patches", rows, shape.patchValues());
    tape.kernels().copy(x.data(), input.patches());
    tape.record("patches", () -> {}, List.of(x));
    x = patches.apply(tape, "patch embedding", x);
    x =
        Pointwise.add(
            tape,
            "patches with positions",
            x,
            positions.rows(tape, "patch positions", input.positions(), rows));
    x = Pointwise.dropout(tape, "dropout", x);
    Tensor residual = null;
    for (int i = 0; i < blocks.size(); i++) {
      DenoiserBlock.Stream stream =
          blocks.get(i).forward(tape, new DenoiserBlock.Stream(x, residual), condition, input);
      x = stream.sum();
      residual = stream.added();
    }
    Normalized normed = Functions.norm(tape, "final norm", NORM, x, residual, null, null);
    Modulation modulation = new Modulation(lastModulation, "final layer", shape.width());
    Tensor all = modulation.of(tape, condition);
    Tensor shift = modulation.part(tape, all, 0, input, rows);
    Tensor scale = modulation.part(tape, all, 1, input, rows);
    Tensor modulated =
        Pointwise.modulate(tape, "final modulation", normed.normalized(), scale, shift);
    return last.apply(tape, "noise", modulated);
  }

  /** SiLU of what each image is told: its step and its class, B x C. */
  private Tensor condition(Tape tape, Input input) {
    Tensor frequencies = steps.rows(tape, "step frequencies", input.steps(), input.count());
    Tensor hidden = stepIn.apply(tape, "step embedding in", frequencies);
    hidden = Pointwise.activate(tape, "step embedding", Activation.SILU, hidden);
    Tensor told = stepOut.apply(tape, "step embedding out", hidden);
    Lookup lookup = new Lookup(classes, input.classes());
    Tensor label = Functions.embedding(tape, "class", input.count(), List.of(lookup));
    told = Pointwise.add(tape, "step and class", told, label);
    return Pointwise.activate(tape, "condition", Activation.SILU, told);
  }

  /** Frees the weights. */
  @Override
  public void close() {
    all.close();
    steps.close();
    positions.close();
  }
}
