package dev.culebra.models.dual;

import dev.culebra.models.bert.Encoder;
import dev.culebra.models.bert.EncoderConfig;
import dev.culebra.models.bert.EncoderShape;
import dev.culebra.models.bert.EncoderShape.Head;
import dev.culebra.models.nn.ConfigFile;
import dev.culebra.models.nn.Pooler;
import dev.culebra.models.nn.TowerInput;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.io.SafetensorsWriter;
import dev.culebra.runtime.tensor.Parameters;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.runtime.tensor.Tensor;
import dev.culebra.runtime.text.Format;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/**
 * Texts beside texts: the embedding of a text is the mean of its rows (Reimers and Gurevych 2019,
 * arXiv:1908.10084), or what {@link TextReading} says, behind a BERT encoder, one for both sides or
 * one for each. One for both may have heads too, so that it learns of tokens beside.
 */
public final class TextEncoders implements DualEncoder {

  /** How names of the two encoders begin. */
  public static final String QUERIES = "query_model.";

  public static final String KEYS = "key_model.";

  private static final String KEY = "dual_encoder";

  private final Parameters all = new Parameters();
  private final EncoderShape shape;
  private final Start start;
  private final TextReading reading;
  private final Encoder left;
  private final Encoder right;
  private final Logits logits;

  /**
   * Allocates it on {@code device}; its weights are zeros until they are set.
   *
   * @param shape without heads if there are two encoders
   * @param shared whether one encoder reads both sides
   */
  public TextEncoders(Device device, EncoderShape shape, boolean shared, Start start) {
    this(device, shape, shared, start, TextReading.fresh(shape.context()));
  }

  public TextEncoders(
      Device device, EncoderShape shape, boolean shared, Start start, TextReading reading) {
    if (!shared && shape.head() != Head.NONE) {
      throw new IllegalArgumentException("heads on two encoders");
    }
    this.shape = shape;
    this.start = start;
    this.reading = reading;
    this.left = new Encoder(all, shape, shared ? Encoder.prefix(shape) : QUERIES);
    this.right = shared ? left : new Encoder(all, shape, KEYS);
    this.logits = Logits.declared(all, start);
    all.allocate(device);
  }

  /** Whether a configuration is one of these. */
  public static boolean wrote(ConfigFile config) {
    return !config.text(KEY, "").isEmpty();
  }

  public static TextEncoders read(Device device, ConfigFile config) {
    EncoderShape shape = EncoderConfig.read(config);
    return read(device, config, TextReading.read(config, shape.context()));
  }

  public static TextEncoders read(Device device, ConfigFile config, TextReading reading) {
    return new TextEncoders(
        device, EncoderConfig.read(config), shared(config), Start.read(config), reading);
  }

  /** Whether the configuration of one of these says that one encoder reads both sides. */
  public static boolean shared(ConfigFile config) {
    String kind = config.text(KEY, "shared");
    if (!kind.equals("shared") && !kind.equals("two")) {
      throw config.unsupported(KEY, kind, "shared' or 'two");
    }
    return kind.equals("shared");
  }

  /** Whether one encoder reads both sides, so that it is a model of its own to others. */
  public boolean shared() {
    return left == right;
  }

  /** The encoder of both sides, by itself: it has the weights of all. */
  public Encoder encoder() {
    if (!shared()) {
      throw new IllegalStateException("there are two encoders");
    }
    return left;
  }

  /** Whether it has a head for tokens: one encoder for both sides may. */
  public boolean fillsMasks() {
    return left.fillsMasks();
  }

  @Override
  public Tensor left(Tape tape, TowerInput input) {
    return embed(tape, left, "queries", (TowerInput.Texts) input);
  }

  @Override
  public Tensor right(Tape tape, TowerInput input) {
    return embed(tape, right, "keys", (TowerInput.Texts) input);
  }

  private Tensor embed(Tape tape, Encoder encoder, String name, TowerInput.Texts texts) {
    return reading.embed(tape, name, encoder.encode(tape, texts.rows()), texts);
  }

  /** What it makes of a text's rows. */
  public TextReading reading() {
    return reading;
  }

  @Override
  public String family() {
    return "bert";
  }

  @Override
  public boolean readsBothWays() {
    return true;
  }

  @Override
  public Logits logits() {
    return logits;
  }

  @Override
  public int dimension() {
    return shape.width();
  }

  @Override
  public int vocabulary() {
    return shape.vocabulary();
  }

  @Override
  public int context() {
    return reading.longest();
  }

  @Override
  public Parameters parameters() {
    return all;
  }

  /** That of BERT, to which two towers add what no class of transformers reads. */
  @Override
  public ObjectNode config(TokenIds ids) {
    ObjectNode config = EncoderConfig.write(shape, ids);
    config.put(KEY, shared() ? "shared" : "two");
    start.write(config);
    reading.write(config, shape.context());
    return config;
  }

  /** That of one encoder, by itself. */
  public ObjectNode encoderConfig(TokenIds ids) {
    return EncoderConfig.write(shape, ids);
  }

  /** How names of one encoder may begin; two have beginnings of their own. */
  @Override
  public String optionalPrefix() {
    return shared() ? left.optionalPrefix() : "";
  }

  /** Numbers of positions and of texts; and a pooler, of which no mean of rows knows. */
  @Override
  public boolean ignores(String tensor) {
    return left.ignores(tensor)
        || tensor.matches("((bert|query_model|key_model)\\.)?pooler\\.dense\\..+");
  }

  @Override
  public boolean leavesOut(String tensor) {
    return left.leavesOut(tensor);
  }

  @Override
  public List<String> ties(String tensor) {
    return left.ties(tensor);
  }

  /** How logits are made of products. */
  @Override
  public boolean isOwn(String tensor) {
    return Logits.names(tensor);
  }

  /**
   * The pooler that BertModel wants to find beside an encoder without heads, and whose output no
   * embedding uses: the identity.
   */
  @Override
  public void addUnread(SafetensorsWriter file) {
    if (shared() && shape.head() == Head.NONE) {
      Pooler.addIdentity(file, shape.width());
    }
  }

  @Override
  public Set<String> vocabularyTensors() {
    return shared()
        ? left.vocabularyTensors()
        : Set.of(left.tokens().name(), right.tokens().name());
  }

  /** How logits are made of products, and heads. */
  @Override
  public boolean mayLack(String tensor) {
    return Logits.names(tensor) || left.mayLack(tensor);
  }

  @Override
  public String description() {
    return Format.text("%s: %s", shared() ? "one encoder for both texts" : "two encoders", size());
  }

  private String size() {
    return left.description().replaceFirst("bert, ", "");
  }

  @Override
  public void close() {
    all.close();
  }
}
