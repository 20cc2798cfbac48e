package dev.culebra.data.token;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ArbitrarySupplier;
import net.jqwik.api.Tuple;

/**
 * Texts of every kind of character that cutting and merging may treat differently, in short runs so
 * that neighbours matter.
 */
public final class UnicodeText implements ArbitrarySupplier<String> {

  @Override
  public Arbitrary<String> get() {
    return pieces().list().ofMaxSize(40).map(pieces -> String.join("", pieces));
  }

  private static Arbitrary<String> pieces() {
    return Arbitraries.frequencyOf(
        Tuple.of(4, Arbitraries.strings().withCharRange('a', 'e').ofMaxLength(4)),
        Tuple.of(
            4,
            Arbitraries.of(
                "'", "'s", "'t", "'re", "'ve", "'m", "'ll", "'d", "'l", "'S", "''s", " 's")),
        Tuple.of(
            4,
            Arbitraries.of(
                " ", "  ", "\n", "\r\n", "\t", "\u000B", "\u001C", "\u001F", "\u0085", "\u00A0",
                "\u1680", "\u180E", "\u2007", "\u200B", "\u2028", "\u202F", "\u3000", "\uFEFF")),
        Tuple.of(2, Arbitraries.of("0", "19", "٣", "१", "Ⅷ", "½", "²", "𝟘", "𞥐", "〇")),
        Tuple.of(
            2, Arbitraries.of("é", "ß", "Ж", "ǅ", "ʰ", "中", "ไทย", "한", "𝔘", "𐍈", "e\u0301")),
        Tuple.of(
            2, Arbitraries.of(".", "!?", "—", "“", "🐋", "👩‍🚀", "\0", "\u0301", "�", "_", "€")),
        Tuple.of(1, Arbitraries.of("<|endoftext|>", "Ġ", "Ċ")),
        Tuple.of(2, codePoints()));
  }

  private static Arbitrary<String> codePoints() {
    return Arbitraries.integers()
        .between(0, Character.MAX_CODE_POINT)
        .filter(c -> c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE)
        .map(Character::toString);
  }
}
