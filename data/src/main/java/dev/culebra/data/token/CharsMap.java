package dev.culebra.data.token;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.BitSet;

/**
 * SentencePiece's table of characters and what stands for them ({@code precompiled_charsmap}): a
 * length, a trie as a double array (Aoe 1989, as darts-clone packs it), and texts that end in a
 * zero byte. The native library walks it without looking at its bounds, and ends the JVM outside.
 */
final class CharsMap {
  private static final int LEAF = 1 << 8;
  private static final int LABEL = 1 << 31 | 0xFF;

  private CharsMap() {}

  /** Whether no text can lead out of a table in Base64. */
  static boolean isSound(String base64) {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      return false;
    }
    if (!Base64.getEncoder().encodeToString(bytes).equals(base64)) {
      return false; // the library's decoder is stricter than Java's, and ends the JVM, too
    }
    ByteBuffer table = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (table.remaining() < Integer.BYTES) {
      return false;
    }
    int trieBytes = table.getInt();
    if (trieBytes < Integer.BYTES || trieBytes % Integer.BYTES != 0) {
      return false;
    }
    if (trieBytes > table.remaining()) {
      return false;
    }
    IntBuffer units = table.slice(table.position(), trieBytes).order(table.order()).asIntBuffer();
    table.position(table.position() + trieBytes);
    return isUtf8(table.slice()) && isSound(units, table.slice());
  }

  private static boolean isSound(IntBuffer units, ByteBuffer texts) {
    BitSet met = new BitSet(units.capacity());
    ArrayDeque<Integer> open = new ArrayDeque<>();
    met.set(0);
    open.add(0);
    while (!open.isEmpty()) {
      int at = open.remove();
      long base = at ^ offset(units.get(at));
      if ((base | 0xFF) >= units.capacity()) {
        return false;
      }
      if (at != 0 && (units.get(at) & LEAF) != 0 && !isText(texts, units.get((int) base))) {
        return false;
      }
      for (int c = 1; c < 256; c++) {
        int next = (int) base ^ c;
        if ((units.get(next) & LABEL) == c && !met.get(next)) {
          met.set(next);
          open.add(next);
        }
      }
    }
    return true;
  }

  private static boolean isUtf8(ByteBuffer texts) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(texts);
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  private static long offset(int unit) {
    return (unit >>> 10) << ((unit & 1 << 9) >>> 6) & 0xFFFF_FFFFL;
  }

  /** A text begins where it does not cut a character. */
  private static boolean isText(ByteBuffer texts, int unit) {
    int at = unit & Integer.MAX_VALUE;
    return at < texts.capacity() && (texts.get(at) & 0xC0) != 0x80;
  }
}
