package dev.culebra.train.inference;

/** A model that reads tokens and says which may come next. */
interface TokenReader extends AutoCloseable {

  /** Reads a prompt; returns the logits of the token after it. */
  float[] begin(Prompt prompt);

  /** Reads one more token; returns the logits of the next one, or null if there is no more room. */
  float[] next(int id);

  @Override
  void close();
}
