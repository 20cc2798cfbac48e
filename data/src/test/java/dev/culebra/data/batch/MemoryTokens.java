package dev.culebra.data.batch;

import dev.culebra.data.token.ShardWriter;
import dev.culebra.data.token.TokenShards;
import java.nio.file.Path;
import java.util.List;

/** Small token shards for tests. */
public final class MemoryTokens {
  /** The id that ends a document, as in the vectors. */
  public static final int END = 0;

  private MemoryTokens() {}

  /** Shards of documents given without their ends. */
  public static TokenShards write(Path folder, int vocabulary, List<int[]> documents) {
    try (ShardWriter writer = new ShardWriter(folder, vocabulary, END, 100)) {
      documents.forEach(writer::add);
      return writer.finish();
    }
  }
}
