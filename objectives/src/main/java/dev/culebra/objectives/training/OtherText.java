package dev.culebra.objectives.training;

import dev.culebra.objectives.corpus.BadRows;
import dev.culebra.objectives.token.TokenShards;
import dev.culebra.objectives.token.TokenView;
import dev.culebra.objectives.token.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A text that is no run's, as token ids for the time of a judgement.
 *
 * @param name where it was read, and what was left out
 */
record OtherText(String name, Path folder, TokenShards shards) implements AutoCloseable {

  /** Encodes a file or folder. */
  static OtherText of(Recipe recipe, Tokenizer tokenizer, Path text) throws IOException {
    Path folder = Files.createTempDirectory("culebra-tokens");
    BadRows bad = RunData.badRows(recipe);
    TokenShards shards = null;
    try {
      shards = TokenShards.build(RunData.corpus(recipe, List.of(text)), bad, tokenizer, folder);
      return new OtherText(named(text, bad), folder, shards);
    } finally {
      if (shards == null) {
        remove(folder);
      }
    }
  }

  /** Names some data for a judgement, with what was left out of it. */
  static String named(Path data, BadRows bad) {
    return bad.bad() == 0 ? data.toString() : data + " (" + bad.summary() + ")";
  }

  List<TokenView> tokens() {
    return List.of(TokenView.all(shards));
  }

  private static void remove(Path folder) throws IOException {
    RunFolder.removeFiles(folder);
    Files.delete(folder);
  }

  @Override
  public void close() throws IOException {
    shards.close();
    remove(folder);
  }
}
