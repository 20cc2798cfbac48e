package dev.culebra.train.inference;

import java.util.Arrays;
import java.util.List;

/**
 * What a model may write, whatever it finds likely, as transformers' logits processors of these
 * names have it.
 *
 * @param repetition divides the logits of tokens that stand there already if they are positive, and
 *     multiplies the others (Keskar et al. 2019, arXiv:1909.05858); 1 for nothing
 * @param ngram no run of so many tokens comes twice; 0 for any
 * @param forbidden runs of tokens that are never written
 * @param shortest no end before so many tokens of prompt and output together
 * @param shortestNew no end before so many tokens of the output
 * @param suppressed tokens that are never written
 * @param notFirst tokens that do not begin an output
 * @param forcedEnd ends an output that finds no end of its own; -1 for none
 * @param minP leaves out what is less probable than this share of the most probable token
 */
record WritingRules(
    double repetition,
    int ngram,
    List<List<Integer>> forbidden,
    int shortest,
    int shortestNew,
    List<Integer> suppressed,
    List<Integer> notFirst,
    int forcedEnd,
    double minP) {

  /** Anything. */
  static final WritingRules NONE =
      new WritingRules(1, 0, List.of(), 0, 0, List.of(), List.of(), -1, 0);

  /**
   * Changes logits of the next token.
   *
   * @param before what a decoder read before its output
   * @param written the output so far, in the first {@code count}
   * @param most tokens that the output may have
   * @param ends tokens that end it
   */
  void apply(float[] logits, int[] before, int[] written, int count, int most, List<Integer> ends) {
    if (equals(NONE)) {
      return;
    }
    int[] all = Arrays.copyOf(before, before.length + count);
    System.arraycopy(written, 0, all, before.length, count);
    if (repetition != 1) {
      Arrays.stream(all)
          .distinct()
          .forEach(
              id ->
                  logits[id] =
                      (float) (logits[id] < 0 ? logits[id] * repetition : logits[id] / repetition));
    }
    if (ngram > 0) {
      forbidRepeats(logits, all);
    }
    for (List<Integer> run : forbidden) {
      if (endsWith(all, run.subList(0, run.size() - 1))) {
        forbid(logits, run.getLast());
      }
    }
    if (all.length < shortest || count < shortestNew) {
      ends.forEach(id -> forbid(logits, id));
    }
    if (forcedEnd >= 0 && count == most - 1) {
      for (int id = 0; id < logits.length; id++) {
        logits[id] = id == forcedEnd ? 0 : Float.NEGATIVE_INFINITY;
      }
    }
    suppressed.forEach(id -> forbid(logits, id));
    if (count == 0) {
      notFirst.forEach(id -> forbid(logits, id));
    }
  }

  private void forbidRepeats(float[] logits, int[] all) {
    int head = ngram - 1;
    for (int i = 0; i + ngram <= all.length; i++) {
      if (Arrays.equals(all, i, i + head, all, all.length - head, all.length)) {
        forbid(logits, all[i + head]);
      }
    }
  }

  private static boolean endsWith(int[] all, List<Integer> run) {
    int from = all.length - run.size();
    if (from < 0) {
      return false;
    }
    for (int i = 0; i < run.size(); i++) {
      if (all[from + i] != run.get(i)) {
        return false;
      }
    }
    return true;
  }

  private static void forbid(float[] logits, int id) {
    if (id < logits.length) {
      logits[id] = Float.NEGATIVE_INFINITY;
    }
  }
}
