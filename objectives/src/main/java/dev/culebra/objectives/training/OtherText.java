package dev.culebra.objectives.training;

import dev.culebra.objectives.token.TokenShards;
import dev.culebra.objectives.token.TokenView;
import dev.culebra.objectives.token.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A text that is no run's, as token ids for the time of a judgement. */
record OtherText(Path folder, TokenShards shards) implements AutoCloseable {

  /** Encodes a file or folder. */
  static OtherText of(Recipe recipe, Tokenizer tokenizer, Path text) throws IOException {
    Path folder = Files.createTempDirectory("culebra-tokens");
    TokenShards shards = null;
    try {
      shards = TokenShards.build(RunData.corpus(recipe, List.of(text)), tokenizer, folder);
      return new OtherText(folder, shards);
    } finally {
      if (shards == null) {
        remove(folder);
      }
    }
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
