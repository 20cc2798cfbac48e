package dev.culebra.data.read;

import dev.culebra.runtime.BadInputException;
import java.util.ArrayList;
import java.util.List;

/**
 * Comma-separated values as RFC 4180 describes them: a cell may stand in quotes, and then holds
 * commas, line ends and, doubled, quotes. Spaces belong to a cell. A quote within a cell that does
 * not begin with one is a letter like others.
 */
final class Csv {
  /** What is wrong with a carriage return that no line feed follows, and no quotes keep. */
  static final String LONE_RETURN =
      " has a carriage return within a row: end lines by line feeds, alone or behind one";

  private static final char QUOTE = '"';
  private static final char COMMA = ',';
  private static final byte[] MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  private Csv() {}

  private enum State {
    /** Before the first letter of a cell. */
    START,
    /** In a cell without quotes. */
    PLAIN,
    /** Between quotes. */
    QUOTED,
    /** Behind a quote that ends a cell, or is the first of two. */
    CLOSED;

    State after(int next) {
      boolean quote = next == QUOTE;
      return switch (this) {
        case QUOTED -> quote ? CLOSED : QUOTED;
        case CLOSED -> quote ? QUOTED : next == COMMA ? START : PLAIN;
        case START -> quote ? QUOTED : next == COMMA ? START : PLAIN;
        case PLAIN -> next == COMMA ? START : PLAIN;
      };
    }
  }

  /** Where the rows of one file end. */
  static Lines.Ends rows() {
    return new Lines.Ends() {
      private State state = State.START;
      private int marks;

      @Override
      public boolean at(byte next) {
        if (marks < MARK.length && next == MARK[marks]) {
          marks++;
          return false;
        }
        marks = MARK.length;
        if (next == '\n' && state != State.QUOTED) {
          state = State.START;
          return true;
        }
        state = state.after(next);
        return false;
      }
    };
  }

  /**
   * The cells of a row, without their quotes.
   *
   * @param row without the line end behind it
   * @throws FileFault if a quote is not closed, for it takes in the rest of the file
   * @throws BadInputException if it is no row as RFC 4180 has them
   */
  static List<String> cells(Place where, String row) {
    List<String> cells = new ArrayList<>();
    StringBuilder cell = new StringBuilder();
    State state = State.START;
    boolean blank = true; // whether the cell is so far
    for (int i = 0; i < row.length(); i++) {
      char next = row.charAt(i);
      State after = state.after(next);
      if (state != State.QUOTED && next == '\r') {
        throw new BadInputException(where + LONE_RETURN);
      }
      if (state == State.CLOSED && after == State.PLAIN) {
        throw new BadInputException(
            where + " has letters behind a quote that ends a cell: double a quote within a cell");
      }
      if (after == State.START) {
        cells.add(cell.toString());
        cell.setLength(0);
        blank = true;
      } else if (state == State.PLAIN && next == QUOTE && blank) {
        throw new BadInputException(
            where + " has a blank before the quote that begins a cell: leave it out");
      } else if (after == State.PLAIN || (after == State.QUOTED && state != State.START)) {
        cell.append(next);
        blank &= Character.isWhitespace(next);
      }
      state = after;
    }
    if (state == State.QUOTED) {
      throw new FileFault(where + " begins a row with a quote that is not closed: close it");
    }
    cells.add(cell.toString());
    return cells;
  }
}
