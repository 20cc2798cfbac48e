package dev.culebra.runtime.kernel;

import dev.culebra.runtime.device.Buffer;

/**
 * A bias of attention scores that depends on the head and on how far the key lies from the query:
 * {@code table[head][clamp(key - query - offset, -radius, radius) + radius]}, where key and query
 * are numbers of rows. Documents of a batch attend to themselves, so that is their distance.
 *
 * <p>The buckets of T5 (Raffel et al. 2020, arXiv:1910.10683) are such a table, gathered from the
 * learned one by the bucket of each distance.
 *
 * @param table F32, heads x (2 radius + 1)
 * @param radius distances beyond count as this one
 * @param offset row number of the key that lies where query row 0 does; not 0 when queries continue
 *     earlier keys
 */
public record RelativeBias(Buffer table, int radius, long offset) {

  /** Checks the radius. */
  public RelativeBias {
    if (radius < 0 || radius > MAX_RADIUS) {
      throw new IllegalArgumentException(
          "the radius of a relative bias must be in 0.." + MAX_RADIUS + ", not " + radius);
    }
  }

  /** The largest radius: positions of more than a million tokens. */
  public static final int MAX_RADIUS = 1 << 20;

  /** Values per head: 2 radius + 1. */
  public int distances() {
    return 2 * radius + 1;
  }

  /** Where in a head's values the bias of a query and a key stands. */
  public int index(long query, long key) {
    return Math.clamp(key - query - offset, -radius, radius) + radius;
  }
}
