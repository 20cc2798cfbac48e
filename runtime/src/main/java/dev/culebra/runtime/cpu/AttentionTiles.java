package dev.culebra.runtime.cpu;

import dev.culebra.runtime.kernel.Contract;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * How the rows of an attention are cut: into groups that share no keys, and groups into tiles.
 *
 * <p>Because intervals are non-decreasing, a group is a run of rows, its keys are a run of keys,
 * and a row whose interval begins where all earlier ones have ended begins a new group. Every key
 * belongs to exactly one group; keys that nobody sees go to the group before them, or to the first.
 * The cut depends on the intervals alone.
 */
final class AttentionTiles {

  private final int tileRows;
  private int tiles;
  private int groups;
  private int[] tileStart = new int[64];
  private int[] groupTile = new int[64];
  private int[] groupKey = new int[64];

  /** Tiles of at most {@code tileRows} rows. */
  AttentionTiles(int tileRows) {
    this.tileRows = tileRows;
  }

  /**
   * Cuts the rows and checks the intervals.
   *
   * @param start first key of each row, I32
   * @param end key after the last one of each row, I32
   * @throws IllegalArgumentException naming the first row whose interval is not allowed
   */
  void cut(MemorySegment start, MemorySegment end, int rows, int keys) {
    tiles = 0;
    groups = 0;
    boolean seen = false;
    int lastStart = 0;
    int lastEnd = 0;
    for (int row = 0; row < rows; row++) {
      int from = start.getAtIndex(ValueLayout.JAVA_INT, row);
      int to = end.getAtIndex(ValueLayout.JAVA_INT, row);
      if (from < lastStart || to < lastEnd || from > to || to > keys) {
        throw Contract.wrong(
            "attention",
            "row "
                + row
                + " sees keys "
                + from
                + " to "
                + to
                + " of "
                + keys
                + ", after a row that sees "
                + lastStart
                + " to "
                + lastEnd
                + "; both ends must be non-decreasing, in order and within the keys");
      }
      boolean newGroup = row == 0 || (from < to && seen && from >= lastEnd);
      if (newGroup) {
        beginGroup(groups == 0 ? 0 : from);
        seen = false;
      }
      if (newGroup || row - tileStart[tiles - 1] == tileRows) {
        beginTile(row);
      }
      seen |= from < to;
      lastStart = from;
      lastEnd = to;
    }
    if (rows == 0) {
      beginGroup(0);
    }
    beginTile(rows);
    tiles--;
    beginGroup(keys);
    groups--;
  }

  private void beginGroup(int key) {
    if (groups == groupKey.length) {
      groupKey = Arrays.copyOf(groupKey, 2 * groups);
      groupTile = Arrays.copyOf(groupTile, 2 * groups);
    }
    groupKey[groups] = key;
    groupTile[groups] = tiles;
    groups++;
  }

  private void beginTile(int row) {
    if (tiles == tileStart.length) {
      tileStart = Arrays.copyOf(tileStart, 2 * tiles);
    }
    tileStart[tiles++] = row;
  }

  int tiles() {
    return tiles;
  }

  int groups() {
    return groups;
  }

  /** First row of a tile; that of the one after the last is the number of rows. */
  int tileStart(int tile) {
    return tileStart[tile];
  }

  /** First tile of a group; that of the one after the last is the number of tiles. */
  int groupTile(int group) {
    return groupTile[group];
  }

  /** First key of a group; that of the one after the last is the number of keys. */
  int groupKey(int group) {
    return groupKey[group];
  }
}
