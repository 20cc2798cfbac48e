package dev.culebra.train.setup;

import dev.culebra.data.read.BadRows;
import dev.culebra.data.read.TextPairs;
import dev.culebra.data.token.TokenFolder;
import dev.culebra.data.token.TokenShards;
import dev.culebra.data.token.TokenView;
import dev.culebra.data.token.Tokenizer;
import dev.culebra.objectives.text.GivenPairs;
import dev.culebra.train.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What a model of text is judged by: running text, pairs of texts, or both.
 *
 * @param name where it was read, and what was left out
 * @param running perhaps none
 * @param pairs perhaps null
 * @param owned what was encoded for the time of this judgement; null for data of the run
 */
public record EvaluationText(
    String name, List<TokenView> running, PairShards.Side pairs, Encoded owned)
    implements AutoCloseable {

  /** Token ids in a folder of their own. */
  record Encoded(Path folder, TokenShards shards) {}

  /** What a run held out. */
  public static EvaluationText of(RunData data) {
    PairShards.Side pairs = data.pairs() == null ? null : data.pairs().heldOut();
    return new EvaluationText("what the run held out", data.validation(), pairs, null);
  }

  /**
   * Encodes a file or folder that is no run's: running text, or pairs if the task reads no other
   * text, or if it reads both and these are pairs by name.
   */
  public static EvaluationText of(Recipe recipe, ObjectiveMix task, Tokenizer tokenizer, Path data)
      throws IOException {
    boolean pairs = task.readsPairs() && (!task.readsRunning() || TextPairs.areIn(data));
    Path folder = Files.createTempDirectory("culebra-tokens");
    BadRows bad = RunData.badRows(recipe);
    TokenShards shards = null;
    try {
      shards =
          pairs
              ? PairShards.write(
                  PairCorpus.read(recipe, List.of(data), bad).stream(), tokenizer, folder)
              : TokenShards.build(
                  RunData.corpus(recipe, List.of(data)),
                  bad,
                  tokenizer,
                  task.around(tokenizer),
                  folder);
      Encoded owned = new Encoded(folder, shards);
      String name = named(data, bad);
      if (!pairs) {
        return new EvaluationText(name, List.of(TokenView.all(shards)), null, owned);
      }
      GivenPairs.Range all = new GivenPairs.Range(0, Math.toIntExact(shards.documents() / 2));
      return new EvaluationText(name, List.of(), new PairShards.Side(shards, all), owned);
    } finally {
      if (shards == null) {
        TokenFolder.remove(folder);
      }
    }
  }

  /** The first ids of it, at most so many: of a source where there is no running text. */
  public int[] beginning(int most) {
    for (TokenView view : running) {
      if (view.size() > 0) {
        int[] ids = new int[Math.toIntExact(Math.min(most, view.size()))];
        view.copy(0, ids, 0, ids.length);
        return ids;
      }
    }
    if (pairs == null || pairs.range().count() == 0) {
      return new int[0];
    }
    long source = 2L * pairs.range().first();
    TokenShards shards = pairs.shards();
    long start = source == 0 ? 0 : shards.documentEnd(source - 1);
    int[] ids = new int[Math.toIntExact(Math.min(most, shards.documentEnd(source) - start))];
    shards.copy(start, ids, 0, ids.length);
    return ids;
  }

  /** Names some data for a judgement, with what was left out of it. */
  static String named(Path data, BadRows bad) {
    return bad.summary().isEmpty() ? data.toString() : data + " (" + bad.summary() + ")";
  }

  /** Whether all parts of a task can be judged by it. */
  public boolean serves(ObjectiveMix task) {
    return (!task.readsRunning() || !running.isEmpty()) && (!task.readsPairs() || pairs != null);
  }

  @Override
  public void close() throws IOException {
    if (owned != null) {
      owned.shards.close();
      TokenFolder.remove(owned.folder);
    }
  }
}
