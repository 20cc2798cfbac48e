package dev.culebra.train.inference;

import dev.culebra.data.token.Special;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.data.token.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Text that people type, in which the names of the special tokens that the tokenizer's file
 * declares are those tokens. Documents are never read this way.
 */
final class TypedText {

  private final Tokenizer tokenizer;
  private final int mask;
  private final Pattern names;

  private TypedText(Tokenizer tokenizer, int mask, List<String> names) {
    this.tokenizer = tokenizer;
    this.mask = mask;
    this.names =
        names.isEmpty()
            ? null
            : Pattern.compile(
                names.stream()
                    .sorted(Comparator.comparingInt(String::length).reversed())
                    .map(Pattern::quote)
                    .collect(Collectors.joining("|", "\\s?(?:", ")")));
  }

  /** Text for a model that knows no masks. */
  static TypedText plain(Tokenizer tokenizer) {
    return new TypedText(tokenizer, -1, List.of());
  }

  /** Text in which [MASK] stands for the mask, whatever the tokenizer calls it. */
  static TypedText masked(Tokenizer tokenizer, SpecialTokens specials) {
    int mask = specials.id(Special.MASK);
    if (mask >= tokenizer.vocabularySize()) {
      return plain(tokenizer);
    }
    // The tokenizer reads the names that its file declares, with the white space that it says.
    return new TypedText(
        tokenizer,
        mask,
        Stream.concat(Stream.of(tokenizer.token(mask)), Special.MASK.names().stream())
            .distinct()
            .filter(name -> isOther(tokenizer, name, mask))
            .toList());
  }

  /** Whether a name that shall be a mask is not read as one, and is no other token either. */
  private static boolean isOther(Tokenizer tokenizer, String name, int mask) {
    return tokenizer.id(name).orElse(mask) == mask
        && !Arrays.equals(tokenizer.encodePrompt(name), new int[] {mask});
  }

  /** The ids of a text. */
  int[] encode(String text) {
    if (names == null) {
      return tokenizer.encodePrompt(text);
    }
    List<int[]> pieces = new ArrayList<>();
    int from = 0;
    for (MatchResult found : names.matcher(text).results().toList()) {
      pieces.add(tokenizer.encodePrompt(text.substring(from, found.start())));
      pieces.add(new int[] {mask});
      from = found.end();
    }
    pieces.add(tokenizer.encodePrompt(text.substring(from)));
    return pieces.stream().flatMapToInt(Arrays::stream).toArray();
  }
}
