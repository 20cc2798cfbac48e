package dev.culebra.models.bert;

import dev.culebra.models.bert.EncoderShape.Head;
import dev.culebra.models.nn.AttentionContext;
import dev.culebra.models.nn.Block;
import dev.culebra.models.nn.Layers;
import dev.culebra.models.nn.Linear;
import dev.culebra.models.nn.NormLayer;
import dev.culebra.models.nn.Pooler;
import dev.culebra.models.nn.TokenInput;
import dev.culebra.models.nn.TokenModel;
import dev.culebra.models.nn.TokenRows;
import dev.culebra.models.nn.Transformer;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.kernel.CrossEntropy;
import dev.culebra.runtime.tensor.Functions;
import dev.culebra.runtime.tensor.Functions.Lookup;
import dev.culebra.runtime.tensor.Initializer;
import dev.culebra.runtime.tensor.LanguageHead;
import dev.culebra.runtime.tensor.Parameter;
import dev.culebra.runtime.tensor.Parameter.Kind;
import dev.culebra.runtime.tensor.Parameters;
import dev.culebra.runtime.tensor.Pointwise;
import dev.culebra.runtime.tensor.Pooling;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.runtime.tensor.Tensor;
import dev.culebra.runtime.text.Format;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** A BERT encoder on a device: its weights and its forward pass. */
public final class Encoder implements TokenModel {

  private final EncoderShape shape;
  private final Parameters all;
  private final Parameter tokens;
  private final Parameter positions;
  private final Parameter types;
  private final NormLayer embeddingNorm;
  private final Linear project;
  private final Transformer stack;
  private final TokenHeading tokenHead;
  private final PairHeading pairHead;

  /** What stands between the last block and the tokens: a layer, its norm, and a bias per token. */
  private record TokenHeading(Linear transform, NormLayer norm, Parameter bias) {}

  /** What stands between the class token and two answers. */
  private record PairHeading(Pooler pooler, Linear answers) {}

  /** Allocates an encoder on {@code device}; its weights are zeros until they are set. */
  public Encoder(Device device, EncoderShape shape) {
    this(new Parameters(), shape, prefix(shape));
    all.allocate(device);
  }

  /** How names of its tensors begin: those of a bare one have no beginning. */
  public static String prefix(EncoderShape shape) {
    return shape.head() == Head.NONE ? "" : "bert.";
  }

  /**
   * An encoder that is part of a larger model, which allocates the parameters.
   *
   * @param prefix of its names
   */
  public Encoder(Parameters all, EncoderShape s, String prefix) {
    this(all, s, prefix, s.width());
  }

  /**
   * An encoder whose embeddings may have another width than its blocks, which then read a
   * projection.
   *
   * @param embedding width of the embeddings; that of the blocks if there is a head for tokens
   */
  public Encoder(Parameters all, EncoderShape s, String prefix, int embedding) {
    this.shape = s;
    this.all = all;
    Layers declared = Layers.normal(all);
    String e = prefix + "embeddings.";
    this.tokens = declared.embedding(e + "word_embeddings.weight", s.vocabulary(), embedding);
    this.positions = declared.embedding(e + "position_embeddings.weight", s.context(), embedding);
    this.types = declared.embedding(e + "token_type_embeddings.weight", 2, embedding);
    this.embeddingNorm = declared.norm(e + "LayerNorm", embedding);
    this.project = projection(declared, prefix, embedding, s.width());
    List<Block> blocks = new ArrayList<>();
    for (int i = 0; i < s.layers(); i++) {
      blocks.add(block(declared, prefix + "encoder.layer." + i + ".", s.width(), s.hidden()));
    }
    this.stack = new Transformer("layer", s.stack(), blocks, null);
    this.tokenHead = s.head() == Head.NONE ? null : tokenHeading(declared, s);
    this.pairHead = s.head() == Head.TOKENS_AND_PAIR ? pairHeading(declared, s) : null;
  }

  /** ELECTRA's projection of the embeddings, where their width is not that of the blocks. */
  public static Linear projection(Layers declared, String prefix, int embedding, int width) {
    return embedding == width
        ? null
        : declared.linear(embedding, width, prefix + "embeddings_project");
  }

  /** The layers of a block under BERT's names. */
  public static Block block(Layers declared, String name, long width, long hidden) {
    String attention = name + "attention.self.";
    return new Block(
        declared.norm(name + "attention.output.LayerNorm", width),
        declared.linear(width, width, attention + "query", attention + "key", attention + "value"),
        declared.linear(width, width, name + "attention.output.dense"),
        null,
        declared.norm(name + "output.LayerNorm", width),
        declared.linear(width, hidden, name + "intermediate.dense"),
        declared.linear(hidden, width, name + "output.dense"));
  }

  private static TokenHeading tokenHeading(Layers declared, EncoderShape s) {
    String name = "cls.predictions.";
    return new TokenHeading(
        declared.linear(s.width(), s.width(), name + "transform.dense"),
        declared.norm(name + "transform.LayerNorm", s.width()),
        declared.all().add(Kind.BIAS, name + "bias", Initializer.zeros(), s.vocabulary()));
  }

  private static PairHeading pairHeading(Layers declared, EncoderShape s) {
    return new PairHeading(
        Pooler.declare(declared, "bert.", s.width()),
        declared.linear(s.width(), 2, "cls.seq_relationship"));
  }

  /** The shape. */
  public EncoderShape shape() {
    return shape;
  }

  @Override
  public Parameters parameters() {
    return all;
  }

  @Override
  public Architecture architecture() {
    return Architecture.ENCODER;
  }

  @Override
  public int vocabulary() {
    return shape.vocabulary();
  }

  @Override
  public int context() {
    return shape.context();
  }

  @Override
  public ObjectNode config(TokenIds ids) {
    return EncoderConfig.write(shape, ids);
  }

  @Override
  public String description() {
    return Format.text(
        "bert, %,d parameters: %s, width %d, %s, context %d, vocabulary %,d",
        all.count(),
        Format.count(shape.layers(), "layers"),
        shape.width(),
        Format.count(shape.heads(), "heads"),
        shape.context(),
        shape.vocabulary());
  }

  @Override
  public String optionalPrefix() {
    return "bert.";
  }

  /** Numbers of positions and of texts. */
  @Override
  public boolean ignores(String tensor) {
    return isConstant(tensor);
  }

  public static boolean isConstant(String tensor) {
    return tensor.endsWith("embeddings.position_ids")
        || tensor.endsWith("embeddings.token_type_ids");
  }

  /** Heads. */
  @Override
  public boolean leavesOut(String tensor) {
    return isHead(tensor);
  }

  /** Whether a tensor is of a head that the published classes put on such an encoder. */
  public static boolean isHead(String tensor) {
    return tensor.matches("(bert\\.|electra\\.)?(cls|pooler|classifier|qa_outputs)\\..+");
  }

  /** The output matrix, which is the embedding, and its bias. */
  @Override
  public List<String> ties(String tensor) {
    if (tokenHead == null) {
      return List.of();
    }
    if (tensor.equals(tokens.name())) {
      return List.of("cls.predictions.decoder.weight");
    }
    return tensor.equals(tokenHead.bias.name())
        ? List.of("cls.predictions.decoder.bias")
        : List.of();
  }

  @Override
  public Set<String> vocabularyTensors() {
    return tokenHead == null ? Set.of(tokens.name()) : Set.of(tokens.name(), tokenHead.bias.name());
  }

  /** The heads for tokens and for pairs of texts. */
  @Override
  public boolean mayLack(String tensor) {
    return tensor.startsWith("cls.") || tensor.startsWith("bert.pooler.");
  }

  /** The sums of the rows' embeddings, N x E, not yet normalised. */
  public Tensor embed(Tape tape, String name, TokenRows rows) {
    return Functions.embedding(
        tape,
        name,
        rows.count(),
        List.of(
            new Lookup(tokens, rows.ids()),
            new Lookup(positions, rows.positions()),
            new Lookup(types, rows.types())));
  }

  /** The embedding of tokens. */
  public Parameter tokens() {
    return tokens;
  }

  /** The rows after the last block, N x C. */
  public Tensor encode(Tape tape, TokenRows rows) {
    Tensor sums = embed(tape, "embedding", rows);
    Tensor normed = embeddingNorm.apply(tape, "embedding norm", shape.norm(), sums);
    Tensor x = project == null ? normed : project.apply(tape, "embedding projection", normed);
    return stack.forward(tape, x, AttentionContext.of(rows.intervals()));
  }

  @Override
  public Tensor forward(Tape tape, TokenInput input) {
    return forToken(tape, encode(tape, input.encoder()));
  }

  /** Rows after the last block as the token head wants them. */
  public Tensor forToken(Tape tape, Tensor rows) {
    requireTokenHead();
    Tensor transformed = tokenHead.transform.apply(tape, "token head", rows);
    Tensor activated = Pointwise.activate(tape, "token head", shape.activation(), transformed);
    return tokenHead.norm.apply(tape, "token head norm", shape.norm(), activated);
  }

  /** What the first rows of samples say of the whole, samples x C. */
  public Tensor forPair(Tape tape, Tensor rows, TokenInput input) {
    Tensor first = Pooling.gather(tape, "class tokens", rows, input.first(), input.samples());
    return pairHead.pooler.apply(tape, "pooler", first);
  }

  @Override
  public LanguageHead head(CrossEntropy options, long budget) {
    requireTokenHead();
    return new LanguageHead(tokens, tokenHead.bias, options, budget);
  }

  private void requireTokenHead() {
    if (tokenHead == null) {
      throw new BadInputException(
          "this encoder has no head for tokens: it was made for embeddings, or to begin others");
    }
  }

  /** Whether it has a head for tokens. */
  public boolean fillsMasks() {
    return tokenHead != null;
  }

  /** The head of two answers about a whole sample, or null if this encoder has none. */
  public LanguageHead pairHead() {
    return pairHead == null
        ? null
        : new LanguageHead(
            pairHead.answers.weight(), pairHead.answers.bias(), CrossEntropy.PLAIN, 1 << 20);
  }

  /** Frees the weights. */
  @Override
  public void close() {
    all.close();
  }
}
