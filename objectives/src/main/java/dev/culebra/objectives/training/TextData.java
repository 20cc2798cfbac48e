package dev.culebra.objectives.training;

import dev.culebra.objectives.token.Tokenizer;
import dev.culebra.objectives.training.Workload.Facts;
import java.nio.file.Path;

/** Text of a run as token ids in its folder, and the tokenizer that made them. */
interface TextData extends AutoCloseable {

  /** The tokenizer. */
  Tokenizer tokenizer();

  /** Its file. */
  Path tokenizerFile();

  /** Whether there is text beside the tokenizer; not for a model without a run. */
  boolean hasText();

  /** What there is. */
  Facts facts();

  @Override
  void close();
}
