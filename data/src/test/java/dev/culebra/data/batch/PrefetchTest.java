package dev.culebra.data.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.runtime.BadInputException;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PrefetchTest {

  /** Writes step and micro-batch; fails at one step. */
  private record Numbers(long failAt, RuntimeException failure, AtomicLong built)
      implements TrainingBatches<Batch> {

    static Numbers thatNeverFail() {
      return new Numbers(-1, null, new AtomicLong());
    }

    @Override
    public Batch newBatch() {
      return new Batch(1, 2);
    }

    @Override
    public int microBatches() {
      return 3;
    }

    @Override
    public void fill(long step, int microBatch, Batch target) {
      if (step == failAt) {
        throw failure;
      }
      target.begin();
      target.beginSegment();
      target.add(Math.toIntExact(step), 0, 0, 1, Batch.IGNORE);
      target.add(microBatch, 1, 0, 2, Batch.IGNORE);
      target.finish();
      built.incrementAndGet();
    }
  }

  @Test
  void handsOutStepsInOrderFromTheFirst() {
    Set<Batch> used = Collections.newSetFromMap(new IdentityHashMap<>());
    try (Prefetch<Batch> prefetch = new Prefetch<>(Numbers.thatNeverFail(), 5, 2)) {
      for (int step = 5; step < 500; step++) {
        List<Batch> batches = prefetch.next();
        for (int m = 0; m < 3; m++) {
          assertThat(Arrays.copyOf(batches.get(m).ids(), 2)).containsExactly(step, m);
          used.add(batches.get(m));
        }
      }
    }
    assertThat(used).as("a ring of three steps of three").hasSize(9);
  }

  @Test
  void buildsNoFurtherThanItsRing() throws InterruptedException {
    Numbers source = Numbers.thatNeverFail();
    try (Prefetch<Batch> prefetch = new Prefetch<>(source, 0, 2)) {
      List<Batch> lent = prefetch.next();
      while (source.built().get() < 9) {
        Thread.sleep(1);
      }
      Thread.sleep(50);
      assertThat(source.built().get()).isEqualTo(9);
      assertThat(lent.getFirst().ids()[0]).isZero();
    }
  }

  @Test
  void throwsWhatTheSourceThrewWhenItIsDue() {
    BadInputException failure = new BadInputException("a damaged shard");
    try (Prefetch<Batch> prefetch =
        new Prefetch<>(new Numbers(3, failure, new AtomicLong()), 0, 2)) {
      for (int step = 0; step < 3; step++) {
        assertThat(prefetch.next().get(0).ids()[0]).isEqualTo(step);
      }
      assertThatThrownBy(prefetch::next).isSameAs(failure);
      assertThatThrownBy(prefetch::next).isSameAs(failure);
    }
  }

  @Test
  void closesWhileTheRingIsFullAndTwice() {
    Prefetch<Batch> prefetch = new Prefetch<>(Numbers.thatNeverFail(), 0, 1);
    prefetch.close();
    prefetch.close();
    assertThatThrownBy(prefetch::next)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("This prefetch is closed");
  }
}
