package dev.culebra.data.token;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import org.junit.jupiter.api.Test;

/** Tables that lead out of themselves never reach the native library. */
final class CharsMapTest {
  private static final int UNITS = 512;

  /** Turns A into a text, as SentencePiece packs it. */
  private static ByteBuffer table() {
    ByteBuffer table = ByteBuffer.allocate(4 + 4 * UNITS + 2).order(ByteOrder.LITTLE_ENDIAN);
    table.putInt(0, 4 * UNITS);
    unit(table, 'A', ('A' ^ 256) << 10 | 1 << 8 | 'A');
    unit(table, 256, 1 << 31);
    return table.put(4 + 4 * UNITS, (byte) 'a');
  }

  private static ByteBuffer unit(ByteBuffer table, int at, int unit) {
    return table.putInt(4 + 4 * at, unit);
  }

  private static boolean isSound(ByteBuffer table) {
    return CharsMap.isSound(Base64.getEncoder().encodeToString(table.array()));
  }

  @Test
  void aSoundOne() {
    assertThat(isSound(table())).isTrue();
  }

  @Test
  void whatIsNoTable() {
    assertThat(CharsMap.isSound("")).isFalse();
    assertThat(CharsMap.isSound("AAAA")).isFalse();
    assertThat(CharsMap.isSound("!")).isFalse();
    String sound = Base64.getEncoder().encodeToString(table().array());
    assertThat(sound).endsWith("YQA=");
    String cut = sound.substring(0, sound.length() - 2);
    assertThat(CharsMap.isSound(cut + "B=")).as("bits behind the last byte").isFalse();
    assertThat(CharsMap.isSound(cut + "A")).as("no padding").isFalse();
    assertThat(isSound(table().put(4 + 4 * UNITS + 1, (byte) 0xFF))).as("no UTF-8").isFalse();
    assertThat(isSound(table().putInt(0, 4 * UNITS + 4))).isFalse();
    assertThat(isSound(table().putInt(0, -4))).isFalse();
    assertThat(isSound(table().putInt(0, 4 * 255))).isFalse();
  }

  @Test
  void whatLeadsOutOfTheTrie() {
    assertThat(isSound(unit(table(), 0, 600 << 10))).isFalse();
    assertThat(isSound(unit(table(), 'A', 700 << 10 | 'A'))).isFalse();
    assertThat(isSound(unit(table(), 'A', 3 << 10 | 1 << 9 | 'A'))).isFalse();
    assertThat(isSound(unit(table(), 'B', 700 << 10 | 'A'))).isTrue(); // nothing leads there
  }

  @Test
  void whatLeadsOutOfTheTexts() {
    assertThat(isSound(unit(table(), 256, 1 << 31 | 2))).isFalse();
    assertThat(isSound(table().put(4 + 4 * UNITS, (byte) 0x80))).isFalse();
  }
}
