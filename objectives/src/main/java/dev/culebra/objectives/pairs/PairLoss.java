package dev.culebra.objectives.pairs;

import dev.culebra.models.dual.DualEncoder;
import dev.culebra.runtime.kernel.Contrast;
import dev.culebra.runtime.kernel.Negatives;
import dev.culebra.runtime.tensor.ContrastiveLoss;
import dev.culebra.runtime.tensor.LossTerm;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.runtime.tensor.Tensor;
import java.util.List;
import java.util.Locale;

/**
 * How embeddings of pairs are compared.
 *
 * @param form of the loss
 * @param scale where t' starts; logits are exp(t') q k
 * @param least t' stays at least this
 * @param most t' stays at most this; a fixed temperature has {@code least} = {@code most}
 * @param bias where b starts; null for none
 */
public record PairLoss(Form form, float scale, float least, float most, Float bias) {

  /** Whose probability of what. */
  public enum Form {
    /** Queries look for their keys. */
    ONE_SIDED,
    /** Queries look for their keys and keys for their queries. */
    SYMMETRIC,
    /** Each pair is judged by itself. */
    SIGMOID
  }

  /** The variants by name. */
  public static final List<String> PROFILES = List.of("infonce", "clip", "mnrl", "siglip");

  private static final float LARGEST = (float) Math.log(100);

  /**
   * A variant: {@code infonce} is one-sided and learns the temperature from 0.07, {@code clip}
   * (Radford et al. 2021, arXiv:2103.00020) is symmetric, both with t' clamped to [0, ln 100];
   * {@code mnrl}, the multiple negatives ranking loss of Sentence Transformers, is one-sided at the
   * fixed scale 20; {@code siglip} (Zhai et al. 2023, arXiv:2303.15343) judges pairs by themselves,
   * from t' = ln 10 and b = -10.
   */
  public static PairLoss of(String profile) {
    float usual = (float) -Math.log(0.07);
    float twenty = (float) Math.log(20);
    return switch (profile.toLowerCase(Locale.ROOT)) {
      case "infonce" -> new PairLoss(Form.ONE_SIDED, usual, 0, LARGEST, null);
      case "clip" -> new PairLoss(Form.SYMMETRIC, usual, 0, LARGEST, null);
      case "mnrl" -> new PairLoss(Form.ONE_SIDED, twenty, twenty, twenty, null);
      case "siglip" ->
          new PairLoss(
              Form.SIGMOID,
              (float) Math.log(10),
              Float.NEGATIVE_INFINITY,
              Float.POSITIVE_INFINITY,
              -10f);
      default -> throw new IllegalArgumentException(profile);
    };
  }

  /** The same with another temperature at the start; a fixed one stays fixed. */
  public PairLoss startingAt(double temperature) {
    float given = (float) -Math.log(temperature);
    boolean fixed = least == most;
    return new PairLoss(form, given, fixed ? given : least, fixed ? given : most, bias);
  }

  /** Where the model's t' and b start. */
  public DualEncoder.Start start() {
    return new DualEncoder.Start(scale, bias);
  }

  /** Adds the loss of pairs to a term; see {@link ContrastiveLoss}. */
  void compare(
      Tape tape,
      Tensor q,
      Tensor k,
      DualEncoder.Logits logits,
      Negatives negatives,
      LossTerm term) {
    switch (form) {
      case ONE_SIDED ->
          ContrastiveLoss.infoNce(
              tape, q, k, logits.scale(), Contrast.ONE_SIDED, negatives, term, null);
      case SYMMETRIC ->
          ContrastiveLoss.infoNce(
              tape, q, k, logits.scale(), Contrast.SYMMETRIC, negatives, term, null);
      case SIGMOID ->
          ContrastiveLoss.sigmoid(tape, q, k, logits.scale(), logits.bias(), negatives, term, null);
    }
  }

  /** Keeps a model's temperature in its range. */
  void keep(DualEncoder model) {
    if (least > Float.NEGATIVE_INFINITY || most < Float.POSITIVE_INFINITY) {
      model.parameters().clamp(model.logits().scale(), least, most);
    }
  }
}
