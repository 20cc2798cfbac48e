package dev.culebra.test.lane;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The seeds of this run: {@code -Dculebra.test.seeds} of them, the first drawn anew for each run
 * unless {@code -Dculebra.test.seed} states it.
 */
public final class Seeds {

  private static final List<Long> ALL = draw();

  private Seeds() {}

  /** All seeds of this run. */
  public static List<Long> all() {
    return ALL;
  }

  /** The command that repeats what a seed did to one operation on this device. */
  public static String replay(long seed, String operation) {
    return "mvn verify -pl test -am -Dtest=OperationTableTest"
        + " -Dsurefire.failIfNoSpecifiedTests=false -Dculebra.test.device="
        + System.getProperty("culebra.test.device")
        + " -Dculebra.test.seed="
        + seed
        + " -Dculebra.test.operation="
        + operation;
  }

  private static List<Long> draw() {
    String stated = System.getProperty("culebra.test.seed");
    int count = Integer.parseInt(System.getProperty("culebra.test.seeds", "1"));
    // Short enough to be typed.
    long first = stated == null ? next(new SplittableRandom()) : Long.parseLong(stated);
    SplittableRandom more = new SplittableRandom(first);
    List<Long> seeds = new ArrayList<>(List.of(first));
    while (seeds.size() < count) {
      seeds.add(next(more));
    }
    System.out.println(
        "operation table: seeds " + seeds + " (-Dculebra.test.seed=" + seeds.getFirst() + ")");
    return List.copyOf(seeds);
  }

  private static long next(SplittableRandom random) {
    return random.nextLong(1_000_000_000);
  }
}
