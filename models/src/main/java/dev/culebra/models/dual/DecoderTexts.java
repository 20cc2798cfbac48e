package dev.culebra.models.dual;

import dev.culebra.models.decoder.Decoder;
import dev.culebra.models.decoder.DecoderShape;
import dev.culebra.models.nn.TowerInput;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.tensor.Parameters;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.runtime.tensor.Tensor;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/**
 * Texts beside texts by one decoder, whose rows see what precedes them: usually the last one is the
 * embedding. Its folder is one of Sentence Transformers, and its output matrix is not used.
 */
public final class DecoderTexts implements DualEncoder {

  private static final String HEAD = "lm_head.weight";

  private final Decoder decoder;
  private final TextReading reading;
  private final Parameters own = new Parameters();
  private final Logits logits;

  public DecoderTexts(Device device, DecoderShape shape, TextReading reading) {
    this.decoder = new Decoder(device, shape);
    this.reading = reading;
    this.logits = Logits.declared(own, Start.USUAL);
    own.allocateWeights(device);
    own.initialize(0);
  }

  @Override
  public Tensor left(Tape tape, TowerInput input) {
    return embed(tape, "queries", (TowerInput.Texts) input);
  }

  @Override
  public Tensor right(Tape tape, TowerInput input) {
    return embed(tape, "keys", (TowerInput.Texts) input);
  }

  private Tensor embed(Tape tape, String name, TowerInput.Texts texts) {
    return reading.embed(tape, name, decoder.forward(tape, texts.rows(), null), texts);
  }

  /** What it makes of a text's rows. */
  public TextReading reading() {
    return reading;
  }

  @Override
  public String family() {
    return decoder.shape().family().id();
  }

  @Override
  public boolean readsBothWays() {
    return false;
  }

  @Override
  public Logits logits() {
    return logits;
  }

  @Override
  public int dimension() {
    return decoder.shape().width();
  }

  @Override
  public int vocabulary() {
    return decoder.vocabulary();
  }

  @Override
  public int context() {
    return reading.longest();
  }

  @Override
  public Parameters parameters() {
    return decoder.parameters();
  }

  @Override
  public ObjectNode config(TokenIds ids) {
    return decoder.config(ids);
  }

  @Override
  public String optionalPrefix() {
    return decoder.optionalPrefix();
  }

  @Override
  public boolean ignores(String tensor) {
    return decoder.ignores(tensor);
  }

  @Override
  public boolean leavesOut(String tensor) {
    return decoder.leavesOut(tensor);
  }

  @Override
  public List<String> ties(String tensor) {
    return decoder.ties(tensor);
  }

  @Override
  public Set<String> vocabularyTensors() {
    return decoder.vocabularyTensors();
  }

  /** The output matrix, which a model without a head lacks. */
  @Override
  public boolean mayLack(String tensor) {
    return tensor.equals(HEAD);
  }

  @Override
  public String description() {
    return "one decoder for both texts: " + decoder.description();
  }

  @Override
  public void close() {
    decoder.close();
    own.close();
  }
}
