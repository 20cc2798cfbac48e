package dev.culebra.data.batch;

import dev.culebra.runtime.text.Format;
import java.util.List;

/**
 * The held-out data as batches, in order: together they score every label exactly once.
 *
 * @param <B> what a batch is on the host
 */
public interface EvaluationBatches<B> {

  /** A batch of the shape that {@link #fill} writes. */
  B newBatch();

  /** How many batches cover the held-out data. */
  long batches();

  /**
   * Writes one batch.
   *
   * @param index from 0 to {@code batches() - 1}
   * @param target a batch from {@link #newBatch}; what it held is overwritten
   */
  void fill(long index, B target);

  /** The batches of several texts, one after the other, all of one size. */
  static <B> EvaluationBatches<B> concat(List<EvaluationBatches<B>> texts) {
    return texts.size() == 1
        ? texts.getFirst()
        : new EvaluationBatches<>() {
          @Override
          public B newBatch() {
            return texts.getFirst().newBatch();
          }

          @Override
          public long batches() {
            return texts.stream().mapToLong(EvaluationBatches::batches).sum();
          }

          @Override
          public void fill(long index, B target) {
            long place = index;
            for (EvaluationBatches<B> text : texts) {
              if (place < text.batches()) {
                text.fill(place, target);
                return;
              }
              place -= text.batches();
            }
            throw new IndexOutOfBoundsException(Format.text("Batch %d of %d", index, batches()));
          }
        };
  }
}
