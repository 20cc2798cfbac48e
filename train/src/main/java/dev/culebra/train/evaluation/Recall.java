package dev.culebra.train.evaluation;

import dev.culebra.objectives.pairs.EncodedPair;
import dev.culebra.train.evaluation.Metric.Baseline;
import dev.culebra.train.inference.Embedder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;

/**
 * How many queries have a right answer among the k nearest of all: recall@k, beside what the order
 * of chance reaches.
 */
public final class Recall {

  private final double[] sums;
  private final double[] chances;
  private final int[] places;
  private int queries;

  /** Recall at each of the places. */
  Recall(int... places) {
    this.places = places.clone();
    this.sums = new double[places.length];
    this.chances = new double[places.length];
  }

  /**
   * Counts one query; equal scores count for the wrong answer.
   *
   * @param scores of all answers
   * @param right which of them are right, at least one
   */
  void add(float[] scores, IntPredicate right) {
    float best = Float.NEGATIVE_INFINITY;
    int rights = 0;
    for (int i = 0; i < scores.length; i++) {
      if (right.test(i)) {
        best = Math.max(best, scores[i]);
        rights++;
      }
    }
    int before = 0;
    for (int i = 0; i < scores.length; i++) {
      before += scores[i] >= best && !right.test(i) ? 1 : 0;
    }
    for (int p = 0; p < places.length; p++) {
      sums[p] += before < places[p] ? 1 : 0;
      chances[p] += chance(scores.length, rights, places[p]);
    }
    queries++;
  }

  /** The probability that k answers of n, drawn without looking, hold one of the right ones. */
  static double chance(int n, int rights, int k) {
    double missed = 1;
    for (int i = 0; i < Math.min(k, n); i++) {
      missed *= Math.max(0, (double) (n - rights - i) / (n - i));
    }
    return 1 - missed;
  }

  /** The figures. */
  List<Metric> metrics(String prefix) {
    List<Metric> metrics = new ArrayList<>();
    for (int p = 0; p < places.length; p++) {
      metrics.add(
          Metric.share(
              prefix + "recall_at_" + places[p],
              sums[p] / queries,
              new Baseline("chance", chances[p] / queries)));
    }
    return metrics;
  }

  /**
   * Both directions over held-out pairs: answers of equal content count once, and every answer that
   * the data names for a query, or that is of its group, is right.
   */
  public static List<Metric> both(
      List<EncodedPair> pairs, float[][] left, float[][] right, int[][] known) {
    int[] rights = distinct(pairs.stream().mapToInt(EncodedPair::rightId).toArray());
    int[] lefts = distinct(pairs.stream().mapToInt(EncodedPair::leftId).toArray());
    Recall forward = new Recall(10, 1);
    for (int i : lefts) {
      EncodedPair query = pairs.get(i);
      forward.add(
          products(left[i], right, rights), j -> belong(query, pairs.get(rights[j]), known));
    }
    Recall back = new Recall(10, 1);
    for (int i : rights) {
      EncodedPair query = pairs.get(i);
      back.add(products(right[i], left, lefts), j -> belong(pairs.get(lefts[j]), query, known));
    }
    List<Metric> metrics = new ArrayList<>(forward.metrics(""));
    metrics.addAll(back.metrics("reverse_"));
    return metrics;
  }

  private static boolean belong(EncodedPair query, EncodedPair key, int[][] known) {
    return query.group() == key.group()
        || Arrays.binarySearch(known[query.leftId()], key.rightId()) >= 0;
  }

  /** The first place of each number. */
  private static int[] distinct(int[] numbers) {
    Map<Integer, Integer> first = new HashMap<>();
    for (int i = 0; i < numbers.length; i++) {
      first.putIfAbsent(numbers[i], i);
    }
    return first.values().stream().mapToInt(Integer::intValue).sorted().toArray();
  }

  private static float[] products(float[] query, float[][] all, int[] which) {
    float[] products = new float[which.length];
    for (int i = 0; i < which.length; i++) {
      products[i] = Embedder.product(query, all[which[i]]);
    }
    return products;
  }
}
