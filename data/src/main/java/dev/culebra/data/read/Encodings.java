package dev.culebra.data.read;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * What bytes that are not UTF-8 look like. A guess for people, by marks, signatures, zeros, and
 * what the bytes would say in the encodings that are common: nothing is decoded by it.
 */
final class Encodings {
  private static final Map<String, String> SIGNATURES = signatures();

  /** Escapes of ISO-2022-JP, which no other text has: two bytes a sign from here on. */
  private static final String JAPANESE_ESCAPE = "\u001B$";

  /** Latin letters beyond ASCII stand alone or in twos, those of other alphabets in words. */
  private static final double LETTERS_IN_A_ROW = 2.5;

  private Encodings() {}

  private static Map<String, String> signatures() {
    Map<String, String> map = new LinkedHashMap<>();
    map.put("%PDF", "a PDF");
    map.put("PK\u0003\u0004", "a zip file, as .docx, .xlsx and .npz are");
    map.put("\u001F\u008B", "a gzip file, whose name must end in .gz");
    map.put("\u0089PNG", "a PNG image");
    map.put("\u00FF\u00D8\u00FF", "a JPEG image");
    map.put("GIF8", "a GIF image");
    map.put("PAR1", "a Parquet file");
    map.put("ARROW1", "an Arrow file");
    map.put("BZh", "a bzip2 file");
    map.put("\u00FD7zXZ", "an xz file");
    map.put("\u0028\u00B5\u002F\u00FD", "a Zstandard file");
    map.put("\u007FELF", "a program");
    map.put("SQLite format 3", "an SQLite database");
    return map;
  }

  /** Whether a text that is well-formed UTF-8 is one of an encoding of seven bits all the same. */
  static boolean escapes(String text) {
    return text.contains(JAPANESE_ESCAPE);
  }

  /**
   * The name of what bytes look like.
   *
   * @param head the beginning of a file, {@code [0, length)}
   */
  static String guess(byte[] head, int length) {
    byte[] bytes = Arrays.copyOf(head, length);
    String latin = new String(bytes, StandardCharsets.ISO_8859_1);
    return mark(latin)
        .or(() -> signature(latin))
        .or(() -> wide(bytes))
        .orElseGet(
            () -> latin.indexOf('\0') >= 0 || controls(bytes) ? "binary data" : bytes(latin));
  }

  private static Optional<String> mark(String bytes) {
    if (bytes.startsWith("\u00FF\u00FE\0\0")) {
      return Optional.of("UTF-32 (little-endian)");
    }
    if (bytes.startsWith("\0\0\u00FE\u00FF")) {
      return Optional.of("UTF-32 (big-endian)");
    }
    if (bytes.startsWith("\u00FF\u00FE")) {
      return Optional.of("UTF-16 (little-endian)");
    }
    return bytes.startsWith("\u00FE\u00FF") ? Optional.of("UTF-16 (big-endian)") : Optional.empty();
  }

  private static Optional<String> signature(String bytes) {
    return SIGNATURES.entrySet().stream()
        .filter(entry -> bytes.startsWith(entry.getKey()))
        .map(Map.Entry::getValue)
        .findFirst();
  }

  /** Two or four bytes a unit, without a mark: zeros stand where the units' high bytes do. */
  private static Optional<String> wide(byte[] bytes) {
    int[] zeros = new int[4];
    for (int i = 0; i < bytes.length; i++) {
      zeros[i % 4] += bytes[i] == 0 ? 1 : 0;
    }
    int even = zeros[0] + zeros[2];
    int odd = zeros[1] + zeros[3];
    if (even + odd == 0) {
      return Optional.empty();
    }
    if (count(bytes, b -> b == '\n' || (b >= ' ' && b < 127)) > 0.85 * bytes.length) {
      return Optional.of("text with zero bytes in it");
    }
    for (String name : new String[] {"UTF-32LE", "UTF-32BE"}) {
      if (bytes.length >= 4 && isText(bytes, name, 4)) {
        return Optional.of(unmarked(name));
      }
    }
    String name = odd >= even ? "UTF-16LE" : "UTF-16BE";
    return isText(bytes, name, 2) ? Optional.of(unmarked(name)) : Optional.empty();
  }

  private static String unmarked(String name) {
    String order =
        name.endsWith("LE") ? " (little-endian, without a mark)" : " (big-endian, without a mark)";
    return name.substring(0, 6) + order;
  }

  private static boolean isText(byte[] bytes, String charset, int unit) {
    String text = decoded(Arrays.copyOf(bytes, bytes.length - bytes.length % unit), charset);
    if (text == null || text.isEmpty()) {
      return false;
    }
    long usual = text.codePoints().filter(Encodings::isUsual).count();
    return usual >= 0.97 * text.codePointCount(0, text.length());
  }

  private static boolean isUsual(int point) {
    return switch (Character.getType(point)) {
      case Character.UNASSIGNED, Character.PRIVATE_USE, Character.SURROGATE -> false;
      case Character.CONTROL -> point == '\n' || point == '\r' || point == '\t' || point == '\f';
      default -> true;
    };
  }

  private static boolean controls(byte[] bytes) {
    int count = count(bytes, b -> (b >= 0 && b < '\t') || (b > '\r' && b < ' ' && b != '\u001B'));
    return count > bytes.length / 50;
  }

  /** One or more bytes a letter, by what they would say. */
  private static String bytes(String latin) {
    byte[] bytes = latin.getBytes(StandardCharsets.ISO_8859_1);
    if (latin.contains(JAPANESE_ESCAPE)) {
      return "ISO-2022-JP";
    }
    IntPredicate kana = c -> c >= 0x3040 && c <= 0x30FF;
    if (share(bytes, "windows-31j", kana) > 0.2) {
      return "Shift-JIS";
    }
    if (share(bytes, "EUC-JP", kana) > 0.2) {
      return "EUC-JP";
    }
    if (inTwos(bytes)) {
      IntPredicate hangul = c -> c >= 0xAC00 && c <= 0xD7A3;
      if (share(bytes, "x-windows-949", hangul) > 0.9) {
        return "EUC-KR";
      }
      if (share(bytes, "GB18030", Encodings::isHan) > 0.7) {
        return "GBK";
      }
    }
    if (share(bytes, "Big5", Encodings::isHan) > 0.8) {
      return "Big5";
    }
    return count(bytes, b -> b < 0) > LETTERS_IN_A_ROW * runs(bytes).count()
        ? "Windows-1251, KOI8-R or the like"
        : "Windows-1252 or Latin-1";
  }

  private static boolean isHan(int point) {
    return (point >= 0x4E00 && point <= 0x9FFF)
        || (point >= 0x3000 && point <= 0x303F)
        || point >= 0xFF00;
  }

  /** The share of characters beyond ASCII that are of a kind; 0 if the bytes are not of it. */
  private static double share(byte[] bytes, String charset, IntPredicate kind) {
    String text = Charset.isSupported(charset) ? decoded(bytes, charset) : null;
    if (text == null) {
      return 0;
    }
    long all = text.codePoints().filter(c -> c > 127).count();
    return all == 0
        ? 0
        : (double) text.codePoints().filter(c -> c > 127 && kind.test(c)).count() / all;
  }

  /** What bytes say in an encoding, but for a last character that is cut; null if they are not. */
  private static String decoded(byte[] bytes, String charset) {
    CharBuffer out = CharBuffer.allocate(2 * bytes.length + 2);
    CoderResult result =
        Charset.forName(charset)
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT)
            .decode(ByteBuffer.wrap(bytes), out, false);
    return result.isError() ? null : out.flip().toString();
  }

  /** Whether runs of high bytes are even, as where each sign has two. */
  private static boolean inTwos(byte[] bytes) {
    return runs(bytes).filter(length -> length % 2 == 0).count() >= 0.8 * runs(bytes).count();
  }

  /** The lengths of runs of high bytes. */
  private static IntStream runs(byte[] bytes) {
    IntStream.Builder runs = IntStream.builder();
    int length = 0;
    for (byte b : bytes) {
      if (b < 0) {
        length++;
      } else if (length > 0) {
        runs.add(length);
        length = 0;
      }
    }
    if (length > 0) {
      runs.add(length);
    }
    return runs.build();
  }

  private static int count(byte[] bytes, IntPredicate kind) {
    int count = 0;
    for (byte b : bytes) {
      count += kind.test(b) ? 1 : 0;
    }
    return count;
  }
}
