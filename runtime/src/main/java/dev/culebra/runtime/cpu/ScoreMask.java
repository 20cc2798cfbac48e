package dev.culebra.runtime.cpu;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.Contract;
import dev.culebra.runtime.kernel.LogitTiles.Tile;
import dev.culebra.runtime.kernel.Matrix;
import dev.culebra.runtime.kernel.Negatives;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Writes -infinity over the scores of pairs that are no negatives, and behind the columns. */
final class ScoreMask {

  private static final float MASKED = Float.NEGATIVE_INFINITY;

  private final CpuPool pool;

  ScoreMask(CpuPool pool) {
    this.pool = pool;
  }

  /** Complains of groups and exceptions that mean nothing. */
  void check(String operation, Negatives negatives, long queries, long keys) {
    if (negatives.groups() != null) {
      checkGroups(operation, "queryGroups", negatives.groups().queries());
      checkGroups(operation, "keyGroups", negatives.groups().keys());
    }
    if (negatives.exceptions() != null) {
      checkExceptions(operation, negatives.exceptions(), queries, keys);
    }
  }

  private static void checkGroups(String operation, String what, Buffer groups) {
    for (long i = 0; i < groups.length(); i++) {
      int group = get(groups.memory(), i);
      if (group < Negatives.NO_GROUP) {
        throw Contract.wrong(
            operation,
            what + " has group " + group + " in row " + i + "; -1 means none, and none is lower");
      }
    }
  }

  private static void checkExceptions(
      String operation, Negatives.Exceptions exceptions, long queries, long keys) {
    MemorySegment starts = exceptions.rowStart().memory();
    MemorySegment columns = exceptions.column().memory();
    int start = get(starts, 0);
    if (start != 0) {
      throw Contract.wrong(operation, "rowStart must begin with 0, not " + start);
    }
    for (long i = 0; i < queries; i++) {
      int end = get(starts, i + 1);
      if (end < start || end > exceptions.column().length()) {
        throw Contract.wrong(
            operation,
            "the exceptions of row "
                + i
                + " are "
                + start
                + " to "
                + end
                + " of "
                + exceptions.column().length());
      }
      for (int last = -1; start < end; start++) {
        int column = get(columns, start);
        if (column <= last || column >= keys) {
          throw Contract.wrong(
              operation,
              "the exceptions of row "
                  + i
                  + " must be sorted keys below "
                  + keys
                  + ", but "
                  + column
                  + " follows "
                  + last);
        }
        last = column;
      }
    }
  }

  /** What a guide similarity must not exceed, for every positive. */
  void limits(Negatives.Guide guide, Buffer limit) {
    View queries = View.of(guide.queries());
    View keys = View.of(guide.keys());
    long cols = guide.queries().cols();
    pool.rows(
        guide.queries().rows(),
        Grain.rows(cols),
        (from, to, _) -> {
          for (long i = from; i < to; i++) {
            double positive = 0;
            for (long j = 0; j < cols; j++) {
              positive +=
                  (double) Floats.get(queries.data(), queries.at(i, j))
                      * Floats.get(keys.data(), keys.at(i, j));
            }
            double margin = guide.margin() * (guide.relative() ? Math.abs(positive) : 1);
            Floats.set(limit.memory(), i, (float) (positive - margin));
          }
        });
  }

  /** See {@link dev.culebra.runtime.kernel.LogitTiles#mask}. */
  void apply(Tile tile, Negatives negatives, Matrix guide, Buffer limit) {
    Matrix z = tile.scores();
    pool.rows(
        z.rows(),
        Grain.rows(z.cols()),
        (from, to, _) -> {
          for (long i = from; i < to; i++) {
            row(tile, i, negatives, guide, limit);
          }
        });
  }

  private static void row(Tile tile, long i, Negatives negatives, Matrix guide, Buffer limit) {
    Matrix scores = tile.scores();
    MemorySegment z = scores.data().memory();
    long at = i * scores.stride();
    fillBehind(z, at, scores);
    if (negatives.groups() != null) {
      groups(tile, i, negatives.groups());
    }
    if (negatives.exceptions() != null) {
      exceptions(tile, i, negatives.exceptions());
    }
    if (guide != null) {
      MemorySegment g = guide.data().memory();
      fillBehind(g, at, scores);
      if (tile.columnScores() == scores) {
        guideRow(tile, i, g, limit.memory());
      } else {
        guideBoth(tile, i, g, limit);
      }
    }
  }

  private static void fillBehind(MemorySegment z, long at, Matrix scores) {
    for (long j = scores.cols(); j < scores.stride(); j++) {
      Floats.set(z, at + j, MASKED);
    }
  }

  private static void groups(Tile tile, long i, Negatives.Groups groups) {
    MemorySegment z = tile.scores().data().memory();
    MemorySegment keys = groups.keys().memory();
    long at = i * tile.scores().stride();
    int own = get(groups.queries().memory(), tile.row() + i);
    long diagonal = tile.row() + i - tile.col();
    for (long j = 0; j < tile.scores().cols() && own != Negatives.NO_GROUP; j++) {
      if (get(keys, tile.col() + j) == own && j != diagonal) {
        Floats.set(z, at + j, MASKED);
      }
    }
  }

  private static void exceptions(Tile tile, long i, Negatives.Exceptions exceptions) {
    MemorySegment z = tile.scores().data().memory();
    MemorySegment columns = exceptions.column().memory();
    long row = tile.row() + i;
    int end = get(exceptions.rowStart().memory(), row + 1);
    int e = first(columns, get(exceptions.rowStart().memory(), row), end, tile.col());
    for (; e < end; e++) {
      long column = get(columns, e);
      long j = column - tile.col();
      if (j >= tile.scores().cols()) {
        return;
      }
      if (column != row) {
        Floats.set(z, i * tile.scores().stride() + j, MASKED);
      }
    }
  }

  /** The first of the sorted columns that is at least {@code col}. */
  private static int first(MemorySegment columns, int start, int end, long col) {
    int low = start;
    int high = end;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (get(columns, middle) < col) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private static void guideRow(Tile tile, long i, MemorySegment g, MemorySegment limits) {
    MemorySegment z = tile.scores().data().memory();
    long at = i * tile.scores().stride();
    long diagonal = tile.row() + i - tile.col();
    float limit = Floats.get(limits, tile.row() + i);
    for (long j = 0; j < tile.scores().cols(); j++) {
      if (Floats.get(g, at + j) > limit && j != diagonal) {
        Floats.set(z, at + j, MASKED);
      }
    }
  }

  /** Turns similarities into what keys see of the scores, before these are masked for queries. */
  private static void guideBoth(Tile tile, long i, MemorySegment g, Buffer limits) {
    MemorySegment z = tile.scores().data().memory();
    long at = i * tile.scores().stride();
    long diagonal = tile.row() + i - tile.col();
    float limit = Floats.get(limits.memory(), tile.row() + i);
    long positives = tile.positives(limits.length());
    for (long j = 0; j < tile.scores().cols(); j++) {
      float similarity = Floats.get(g, at + j);
      boolean seen =
          j == diagonal
              || j >= positives
              || !(similarity > Floats.get(limits.memory(), tile.col() + j));
      Floats.set(g, at + j, seen ? Floats.get(z, at + j) : MASKED);
      if (similarity > limit && j != diagonal) {
        Floats.set(z, at + j, MASKED);
      }
    }
  }

  private static int get(MemorySegment x, long i) {
    return x.getAtIndex(ValueLayout.JAVA_INT, i);
  }
}
