package dev.culebra.objectives.text.corruption;

import dev.culebra.data.random.RandomSource;
import dev.culebra.data.token.Special;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.data.token.Text;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Fill in the middle (Bavarian et al. 2022), as in bigcode's Megatron-LM: a text is cut twice, and
 * its middle is moved to the end, so that a causal decoder learns to fill gaps. All of it is scored
 * but padding.
 *
 * <p>A text is cut between characters where it is known how its tokens are written, and each part
 * is encoded anew, as a reader's prefix and suffix will be; otherwise, and where special tokens
 * stand in it, between tokens.
 *
 * <ul>
 *   <li>PSM: {@code <prefix> P <suffix> S <middle> M}
 *   <li>SPM: {@code <prefix> <suffix> S <middle> P M} (variant 2)
 * </ul>
 */
public final class FillInMiddle implements Corruption {

  /** How many tokens cuts within words may add; if it were more, the suffix is shortened. */
  public static final int GROWTH = 8;

  /** What a character becomes that a window has cut: only its first or last bytes are there. */
  private static final char CUT = '\uFFFD';

  private final SpecialTokens specials;
  private final double rate;
  private final double suffixFirst;
  private final OptionalInt length;

  private FillInMiddle(
      SpecialTokens specials, double rate, double suffixFirst, OptionalInt length) {
    this.specials = specials;
    this.rate = rate;
    this.suffixFirst = suffixFirst;
    this.length = length;
  }

  /**
   * Fills in the middle of some texts.
   *
   * @param rate the share of texts that are cut
   * @param suffixFirst the share of cut texts whose suffix comes first (SPM)
   * @throws BadInputException if a share is none
   */
  public static FillInMiddle of(SpecialTokens specials, double rate, double suffixFirst) {
    check(rate, suffixFirst);
    return new FillInMiddle(specials, rate, suffixFirst, OptionalInt.empty());
  }

  private static void check(double rate, double suffixFirst) {
    if (!(rate >= 0 && rate <= 1 && suffixFirst >= 0 && suffixFirst <= 1)) {
      throw new BadInputException(
          Format.text(
              "Filling in the middle of the share %s of texts, the suffix first in %s: both must be"
                  + " at least 0 and at most 1",
              rate, suffixFirst));
    }
  }

  /** Cuts another share of the texts. */
  public FillInMiddle withRate(double share) {
    check(share, suffixFirst);
    return new FillInMiddle(specials, share, suffixFirst, length);
  }

  /** Puts the suffix first in another share of the cut texts. */
  public FillInMiddle withSuffixFirst(double share) {
    check(rate, share);
    return new FillInMiddle(specials, rate, share, length);
  }

  /**
   * Gives every cut text this length, by shortening the suffix or padding it; a text whose suffix
   * is too short for that stays whole.
   */
  public FillInMiddle withLength(int tokens) {
    return new FillInMiddle(specials, rate, suffixFirst, OptionalInt.of(tokens));
  }

  @Override
  public int minimum() {
    return 2;
  }

  @Override
  public Example corrupt(Text text, RandomSource draws) {
    text.requireAtLeast(minimum(), "filling in the middle");
    Target whole = piece(text, 0, text.length());
    if (!draws.chance(rate)) {
      return causal(whole);
    }
    Optional<Text.Writing> writing = text.writing();
    if (writing.isPresent() && IntStream.of(text.tokens()).noneMatch(specials::isSpecial)) {
      String written = writing.get().decode(text.tokens());
      return parted(
          wholeCharacters(written),
          writing.get()::encode,
          () -> whole,
          Math.addExact(text.length(), GROWTH),
          draws);
    }
    int[] cuts = cuts(text.length(), draws);
    return arranged(
        piece(text, 0, cuts[0]),
        piece(text, cuts[0], cuts[1]),
        piece(text, cuts[1], text.length()),
        () -> whole,
        text.length(),
        draws);
  }

  /**
   * Cuts between characters, as published, and encodes each part on its own. The original is the
   * three parts' tokens in their order.
   */
  public Example corrupt(String text, Function<String, int[]> encode, RandomSource draws) {
    Supplier<Target> whole = () -> encoded(text, 0, encode);
    return draws.chance(rate)
        ? parted(text, encode, whole, Integer.MAX_VALUE, draws)
        : causal(whole.get());
  }

  private Example parted(
      String text,
      Function<String, int[]> encode,
      Supplier<Target> whole,
      int most,
      RandomSource draws) {
    int[] characters = text.codePoints().toArray();
    int[] cuts = cuts(characters.length, draws);
    Target prefix = encoded(new String(characters, 0, cuts[0]), 0, encode);
    Target middle =
        encoded(new String(characters, cuts[0], cuts[1] - cuts[0]), prefix.length(), encode);
    Target suffix =
        encoded(
            new String(characters, cuts[1], characters.length - cuts[1]),
            prefix.length() + middle.length(),
            encode);
    return arranged(prefix, middle, suffix, whole, most, draws);
  }

  private static String wholeCharacters(String written) {
    int from = 0;
    int to = written.length();
    while (from < to && written.charAt(from) == CUT) {
      from++;
    }
    while (from < to && written.charAt(to - 1) == CUT) {
      to--;
    }
    return written.substring(from, to);
  }

  /** Two cuts anywhere, ends included: each part may be empty. */
  private static int[] cuts(int length, RandomSource draws) {
    int[] cuts = {draws.below(length + 1), draws.below(length + 1)};
    Arrays.sort(cuts);
    return cuts;
  }

  private Example arranged(
      Target prefix,
      Target middle,
      Target suffix,
      Supplier<Target> whole,
      int most,
      RandomSource draws) {
    int tokens = prefix.length() + middle.length() + suffix.length();
    int over = length.isPresent() ? tokens + 3 - length.getAsInt() : Math.max(0, tokens - most);
    if (over > 0 && suffix.length() <= over) {
      return causal(whole.get());
    }
    Target tail = fitted(suffix, over);
    Target all = new Target(prefix.length() + middle.length() + tail.length() + 3);
    boolean spm = draws.chance(suffixFirst);
    all.add(specials.id(Special.PREFIX));
    if (spm) {
      all.add(specials.id(Special.SUFFIX));
      append(tail, all).add(specials.id(Special.MIDDLE));
      append(prefix, all);
    } else {
      append(prefix, all).add(specials.id(Special.SUFFIX));
      append(tail, all).add(specials.id(Special.MIDDLE));
    }
    return causal(append(middle, all));
  }

  private Target fitted(Target suffix, int over) {
    Target fitted = new Target(suffix.length());
    for (int i = 0; i < suffix.length() - Math.max(0, over); i++) {
      fitted.add(suffix.id(i), suffix.origin(i));
    }
    IntStream.range(over, 0).forEach(i -> fitted.add(specials.id(Special.PAD)));
    return fitted;
  }

  private static Target append(Target part, Target to) {
    for (int i = 0; i < part.length(); i++) {
      to.add(part.id(i), part.origin(i));
    }
    return to;
  }

  private static Target piece(Text text, int from, int to) {
    Target piece = new Target(to - from);
    for (int i = from; i < to; i++) {
      piece.add(text.token(i), i);
    }
    return piece;
  }

  private static Target encoded(String text, int origin, Function<String, int[]> encode) {
    int[] ids = encode.apply(text);
    Target encoded = new Target(ids.length);
    for (int i = 0; i < ids.length; i++) {
      encoded.add(ids[i], origin + i);
    }
    return encoded;
  }

  /** Row i reads token i and is asked for token i+1, unless that one only fills up. */
  private Example causal(Target tokens) {
    if (tokens.length() < 2) {
      throw new BadInputException(
          Format.text(
              "A text of %s has no next token to ask for: leave it out",
              Format.count(tokens.length(), "tokens")));
    }
    Sequence.Builder rows = new Sequence.Builder(tokens.length());
    for (int i = 0; i + 1 < tokens.length(); i++) {
      int next = tokens.id(i + 1);
      boolean fills = length.isPresent() && next == specials.id(Special.PAD);
      int label = fills ? Sequence.IGNORE : next;
      rows.add(tokens.id(i), tokens.origin(i), 0, label, tokens.origin(i + 1));
    }
    return Example.decoder(rows.build(Pattern.CAUSAL));
  }
}
