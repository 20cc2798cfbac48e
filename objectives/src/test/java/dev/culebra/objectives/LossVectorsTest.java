package dev.culebra.objectives;

import static dev.culebra.objectives.ReferenceLosses.clip;
import static dev.culebra.objectives.ReferenceLosses.cosines;
import static dev.culebra.objectives.ReferenceLosses.crossEntropy;
import static dev.culebra.objectives.ReferenceLosses.gradient;
import static dev.culebra.objectives.ReferenceLosses.infoNce;
import static dev.culebra.objectives.ReferenceLosses.logSumExp;
import static dev.culebra.objectives.ReferenceLosses.scaled;
import static dev.culebra.objectives.ReferenceLosses.sigmoid;
import static dev.culebra.objectives.ReferenceLosses.slope;
import static dev.culebra.objectives.ReferenceLosses.softmax;
import static dev.culebra.objectives.ReferenceLosses.transposed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.culebra.data.batch.Vectors;
import dev.culebra.objectives.ReferenceLosses.Smoothing;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * The float64 references of all losses against what PyTorch, fairseq, open_clip and others answer.
 */
class LossVectorsTest {
  private static final double EXACT = 1e-12;
  private static final double FLOAT = 1e-6;

  private static void assertClose(double actual, JsonNode expected, double relative) {
    double value = expected.doubleValue();
    assertThat(actual).isCloseTo(value, within(relative * Math.max(1, Math.abs(value))));
  }

  private static double[][] matrix(JsonNode rows) {
    return StreamSupport.stream(rows.spliterator(), false)
        .map(Vectors::doubles)
        .toArray(double[][]::new);
  }

  private static void assertClose(double[][] actual, JsonNode expected, double relative) {
    for (int i = 0; i < actual.length; i++) {
      for (int j = 0; j < actual[i].length; j++) {
        assertClose(actual[i][j], expected.get(i).get(j), relative);
      }
    }
  }

  private static double sum(int[] labels, IntToDoubleFunction row) {
    return IntStream.range(0, labels.length)
        .filter(i -> labels[i] != ReferenceLosses.IGNORE)
        .mapToDouble(row)
        .sum();
  }

  private static final JsonNode CE = Vectors.section("cross_entropy");
  private static final double[][] LOGITS = matrix(CE.required("logits"));
  private static final int[] LABELS = Vectors.ints(CE.required("targets"));
  private static final JsonNode EXPECTED = CE.required("expected");

  @Test
  void crossEntropyIsThatOfPyTorch() {
    for (String name : new String[] {"0.0", "0.1"}) {
      double smoothing = Double.parseDouble(name);
      double[] rows =
          IntStream.range(0, 4)
              .mapToDouble(i -> crossEntropy(LOGITS[i], LABELS[i], smoothing, Smoothing.ALL))
              .toArray();
      for (int i = 0; i < 4; i++) {
        assertClose(rows[i], EXPECTED.required("none_ls" + name).get(i), EXACT);
      }
      double sum = Arrays.stream(rows).sum();
      assertClose(sum, EXPECTED.required("sum_ls" + name), EXACT);
      assertClose(sum / 3, EXPECTED.required("mean_ls" + name), EXACT);
      double[][] gradient = new double[4][5];
      for (int i = 0; i < 4; i++) {
        if (LABELS[i] != ReferenceLosses.IGNORE) {
          double[] p = softmax(LOGITS[i]);
          double[] target = ReferenceLosses.target(LABELS[i], 5, smoothing, Smoothing.ALL);
          Arrays.setAll(gradient[i], c -> (p[c] - target[c]) / 3);
        }
      }
      assertClose(gradient, EXPECTED.required("grad_mean_ls" + name), EXACT);
    }
    double mean = sum(LABELS, i -> crossEntropy(LOGITS[i], LABELS[i], 0.1, Smoothing.ALL)) / 3;
    assertClose(mean, EXPECTED.required("hf_LabelSmoother_0.1"), FLOAT);
  }

  @Test
  void smoothingAndNormalisationAreThoseOfFairseqT5xAndBert() {
    double fairseq = sum(LABELS, i -> crossEntropy(LOGITS[i], LABELS[i], 0.1, Smoothing.OTHERS));
    assertClose(fairseq, EXPECTED.required("fairseq_ls0.1_sum"), EXACT);
    assertClose(fairseq / 3, EXPECTED.required("fairseq_ls0.1_mean"), EXACT);
    double entropy = -(0.9 * Math.log(0.9) + 4 * 0.025 * Math.log(0.025));
    assertClose(entropy, EXPECTED.required("t5x_normalizing_constant"), EXACT);
    double z = 1e-4 * sum(LABELS, i -> Math.pow(logSumExp(LOGITS[i]), 2));
    assertClose(
        fairseq - 3 * entropy + z, EXPECTED.required("t5x_ls0.1_z1e-4_sum_unnormalised"), EXACT);
    double plain = sum(LABELS, i -> crossEntropy(LOGITS[i], LABELS[i], 0, Smoothing.ALL));
    assertClose(
        plain / (3 + 1e-5), EXPECTED.required("bert_masked_lm_loss_denominator_plus_1e-5"), FLOAT);
    assertClose(Math.exp(plain / 3), EXPECTED.required("perplexity_of_mean"), EXACT);
    assertClose(plain / 3 / Math.log(2), EXPECTED.required("bits_per_token"), EXACT);
  }

  @Test
  void zLossIsThatOfPaLm() {
    double coefficient = EXPECTED.required("zloss_coef").doubleValue();
    double z = 0;
    double plain = 0;
    double[][] gradient = new double[4][5];
    for (int i = 0; i < 4; i++) {
      double normaliser = logSumExp(LOGITS[i]);
      assertClose(normaliser, EXPECTED.required("logsumexp").get(i), EXACT);
      if (LABELS[i] == ReferenceLosses.IGNORE) {
        continue;
      }
      z += coefficient * normaliser * normaliser / 3;
      plain += crossEntropy(LOGITS[i], LABELS[i], 0, Smoothing.ALL) / 3;
      double[] p = softmax(LOGITS[i]);
      int label = LABELS[i];
      Arrays.setAll(
          gradient[i], c -> (p[c] * (1 + 2 * coefficient * normaliser) - (c == label ? 1 : 0)) / 3);
    }
    assertClose(z, EXPECTED.required("zloss_term_mean"), EXACT);
    assertClose(plain + z, EXPECTED.required("ce_plus_zloss_mean"), EXACT);
    assertClose(gradient, EXPECTED.required("grad_ce_plus_zloss_mean"), EXACT);
  }

  /** Micro-batches are summed and divided by the count of all their labels. */
  @Test
  void accumulationDividesOnce() {
    JsonNode causal = Vectors.section("causal_lm");
    double all = 0;
    long count = 0;
    List<Double> means = new ArrayList<>();
    for (int b = 0; b < 2; b++) {
      double[][] logits = matrix(causal.required("logits_B2_T4_V5").get(b));
      int[] labels = Vectors.ints(causal.required("labels_unshifted").get(b));
      int[] shifted = Arrays.copyOf(Arrays.copyOfRange(labels, 1, 4), 4);
      shifted[3] = ReferenceLosses.IGNORE;
      double sum = sum(shifted, i -> crossEntropy(logits[i], shifted[i], 0, Smoothing.ALL));
      long labelled = Arrays.stream(shifted).filter(l -> l != ReferenceLosses.IGNORE).count();
      means.add(sum / labelled);
      assertClose(
          sum / labelled, causal.required("expected").required("micro_means").get(b), FLOAT);
      all += sum;
      count += labelled;
    }
    JsonNode expected = causal.required("expected");
    assertThat(count).isEqualTo(4);
    assertClose(all / count, expected.required("joint_mean"), FLOAT);
    assertClose(all / count, expected.required("sum_over_num_items_in_batch_4"), FLOAT);
    double wrong = (means.get(0) + means.get(1)) / 2;
    assertClose(wrong, expected.required("mean_of_micro_means_WRONG"), FLOAT);
  }

  private static final JsonNode CONTRASTIVE = Vectors.section("contrastive");
  private static final double[][] QUERY = matrix(CONTRASTIVE.required("query"));
  private static final double[][] KEY = matrix(CONTRASTIVE.required("key"));
  private static final double[][] HARD = matrix(CONTRASTIVE.required("hard_negative"));

  @Test
  void contrastiveLossesAreThoseOfClip() {
    JsonNode expected = CONTRASTIVE.required("expected");
    double[][] cosines = cosines(QUERY, KEY);
    assertClose(cosines, expected.required("cosine"), EXACT);
    double[][] logits = scaled(cosines, 1 / 0.07);
    assertClose(infoNce(logits), expected.required("info_nce_q2k_tau0.07"), EXACT);
    assertClose(infoNce(transposed(logits)), expected.required("info_nce_k2q_tau0.07"), EXACT);
    assertClose(clip(logits), expected.required("clip_symmetric_scale_1/0.07"), EXACT);
    assertClose(
        clip(scaled(cosines, 100)), expected.required("clip_symmetric_scale_clamped_100"), EXACT);
    double[][] byQuery = gradient(q -> clip(scaled(cosines(q, KEY), 1 / 0.07)), QUERY);
    assertClose(byQuery, expected.required("clip_grad_query"), 1e-8);
    double[][] byKey = gradient(k -> clip(scaled(cosines(QUERY, k), 1 / 0.07)), KEY);
    assertClose(byKey, expected.required("clip_grad_key"), 1e-8);
    double byScale = slope(t -> clip(scaled(cosines, Math.exp(t))), Math.log(1 / 0.07));
    assertClose(byScale, expected.required("clip_grad_log_logit_scale"), 1e-8);
    double[][] masked = Arrays.stream(logits).map(double[]::clone).toArray(double[][]::new);
    masked[0][2] = Double.NEGATIVE_INFINITY;
    assertClose(infoNce(masked), expected.required("false_negative_(0,2)_masked_-inf_q2k"), EXACT);
    JsonNode constants = CONTRASTIVE.required("constants");
    assertClose(Math.log(1 / 0.07), constants.required("ln(1/0.07)"), EXACT);
    assertClose(Math.log(100), constants.required("ln100"), EXACT);
    assertClose(Math.log(10), constants.required("ln10"), EXACT);
  }

  private static double[][] beside(double[][] left, double[][] right) {
    return IntStream.range(0, left.length)
        .mapToObj(
            i -> DoubleStream.concat(Arrays.stream(left[i]), Arrays.stream(right[i])).toArray())
        .toArray(double[][]::new);
  }

  /** A matrix whose diagonal stands for an anchor itself and cannot be a negative. */
  private static double[][] withoutDiagonal(double[][] matrix) {
    double[][] others = Arrays.stream(matrix).map(double[]::clone).toArray(double[][]::new);
    for (int i = 0; i < others.length; i++) {
      others[i][i] = Double.NEGATIVE_INFINITY;
    }
    return others;
  }

  @Test
  void rankingLossesAreThoseOfSentenceTransformers() {
    JsonNode expected = CONTRASTIVE.required("expected");
    double[][] forward = scaled(cosines(QUERY, KEY), 20);
    double[][] backward = transposed(forward);
    assertClose(infoNce(forward), expected.required("mnrl_scale20_pairs"), EXACT);
    double[][] withHard = beside(forward, scaled(cosines(QUERY, HARD), 20));
    assertClose(infoNce(withHard), expected.required("mnrl_scale20_hard_negatives"), EXACT);
    assertClose(
        (infoNce(forward) + infoNce(backward)) / 2,
        expected.required("mnrl_symmetric_per_direction"),
        EXACT);
    double[][] queries = withoutDiagonal(scaled(cosines(QUERY, QUERY), 20));
    double[][] keys = withoutDiagonal(scaled(cosines(KEY, KEY), 20));
    // as in GTE, the positive also stands among the negatives of the other direction
    double joint = infoNce(beside(beside(forward, queries), beside(backward, keys)));
    assertClose(joint, expected.required("mnrl_joint_q2d_q2q_d2q_d2d"), EXACT);
    double[][] queue = new double[3][];
    double[][] positives = cosines(QUERY, KEY);
    double[][] negatives = cosines(QUERY, HARD);
    for (int i = 0; i < 3; i++) {
      queue[i] = new double[] {positives[i][i], negatives[i][0], negatives[i][1], negatives[i][2]};
    }
    double explicit =
        Arrays.stream(scaled(queue, 1 / 0.07))
            .mapToDouble(row -> logSumExp(row) - row[0])
            .average()
            .orElseThrow();
    assertClose(
        explicit,
        expected.required(
            "explicit_negative_queue_tau0.07(positive at index 0, 3 shared negatives)"),
        EXACT);
  }

  @Test
  void sigmoidLossIsThatOfSigLip() {
    JsonNode expected = CONTRASTIVE.required("expected");
    double[][] cosines = cosines(QUERY, KEY);
    double t = Math.log(10);
    assertClose(sigmoid(cosines, t, -10), expected.required("siglip_t10_b-10"), EXACT);
    assertClose(sigmoid(cosines, t, -10), expected.required("siglip_chunked_equal"), EXACT);
    assertClose(
        slope(x -> sigmoid(cosines, x, -10), t), expected.required("siglip_grad_t_prime"), 1e-8);
    assertClose(slope(x -> sigmoid(cosines, t, x), -10), expected.required("siglip_grad_b"), 1e-8);
    JsonNode shards = CONTRASTIVE.required("siglip_two_shards");
    double[][] images = {QUERY[0], QUERY[1], QUERY[2], HARD[0]};
    double[][] texts = {KEY[0], KEY[1], KEY[2], HARD[1]};
    double[][] all = cosines(images, texts);
    assertClose(sigmoid(all, t, -10), shards.required("full_batch4"), EXACT);
    double sum = 0;
    for (int rank = 0; rank < 2; rank++) {
      double loss = 0;
      for (int i = 2 * rank; i < 2 * rank + 2; i++) {
        for (int j = 0; j < 4; j++) {
          double logit = 10 * all[i][j] - 10;
          loss += Math.log1p(Math.exp(i == j ? -logit : logit)) / 2;
        }
      }
      assertClose(loss, shards.required("rank_losses").get(rank), EXACT);
      sum += loss;
    }
    assertClose(sum / 2, shards.required("mean_of_ranks"), EXACT);
  }

  private static double[][] firstTwo(double[][] rows) {
    return new double[][] {rows[0], rows[1]};
  }

  @Test
  void captionsAreScoredAsInCoCa() {
    JsonNode coca = Vectors.section("coca");
    int pad = coca.required("pad_id").intValue();
    double sum = 0;
    int count = 0;
    for (int b = 0; b < 2; b++) {
      double[][] logits = matrix(coca.required("logits").get(b));
      int[] labels = Vectors.ints(coca.required("labels_already_shifted").get(b));
      for (int i = 0; i < labels.length; i++) {
        if (labels[i] != pad) {
          sum += crossEntropy(logits[i], labels[i], 0, Smoothing.ALL);
          count++;
        }
      }
    }
    JsonNode expected = coca.required("expected");
    JsonNode weights = coca.required("weights");
    double caption = weights.required("caption").doubleValue() * sum / count;
    assertClose(caption, expected.required("caption_weighted"), EXACT);
    // the first two pairs of the contrastive section: as many as there are captions
    double[][] logits = scaled(cosines(firstTwo(QUERY), firstTwo(KEY)), 1 / 0.07);
    double contrastive = weights.required("contrastive").doubleValue() * clip(logits);
    assertClose(contrastive, expected.required("contrastive"), 1e-15);
    assertClose(contrastive + caption, expected.required("total"), EXACT);
  }

  @Test
  void generatorAndDiscriminatorAreScoredAsInElectra() {
    JsonNode electra = Vectors.section("electra_rtd");
    JsonNode expected = electra.required("expected");
    int[] replaced = Vectors.ints(expected.required("labels(1=replaced)"));
    double[] logits = Vectors.doubles(electra.required("disc_logits"));
    double discriminator =
        IntStream.range(0, logits.length)
            .mapToDouble(i -> Math.log1p(Math.exp(replaced[i] == 1 ? -logits[i] : logits[i])))
            .average()
            .orElseThrow();
    assertClose(discriminator, expected.required("disc_bce_mean"), EXACT);
    double[][] rows = matrix(electra.required("gen_logits"));
    int[] targets = Vectors.ints(electra.required("gen_targets"));
    double generator =
        sum(targets, i -> crossEntropy(rows[i], targets[i], 0, Smoothing.ALL)) / targets.length;
    assertClose(generator, expected.required("gen_ce_mean"), EXACT);
    assertClose(
        generator + 50 * discriminator, expected.required("total_1x_gen_plus_50x_disc"), EXACT);
  }

  @Test
  void objectivesAreAddedByTheirWeights() {
    JsonNode multi = Vectors.section("multi_objective");
    double[] weights = Vectors.doubles(multi.required("lambda"));
    double language = sum(LABELS, i -> crossEntropy(LOGITS[i], LABELS[i], 0, Smoothing.ALL)) / 3;
    double[][] cosines = cosines(QUERY, KEY);
    double contrastive = clip(scaled(cosines, 1 / 0.07));
    double alignment = sigmoid(cosines, Math.log(10), -10);
    assertClose(language, multi.required("L_lm"), EXACT);
    assertClose(contrastive, multi.required("L_con"), EXACT);
    assertClose(alignment, multi.required("L_align"), EXACT);
    assertClose(
        weights[0] * language + weights[1] * contrastive + weights[2] * alignment,
        multi.required("total"),
        EXACT);
  }
}
