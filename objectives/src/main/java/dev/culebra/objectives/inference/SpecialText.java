package dev.culebra.objectives.inference;

import dev.culebra.objectives.corruption.Special;
import dev.culebra.objectives.corruption.SpecialTokens;
import dev.culebra.objectives.token.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Text in which people may write special tokens by their names, such as {@code [MASK]} and {@code
 * <extra_id_0>}. Documents are never read this way.
 */
final class SpecialText {

  private final Tokenizer tokenizer;
  private final Map<String, Integer> ids = new LinkedHashMap<>();
  private final Pattern names;

  /**
   * Reads the special tokens that a tokenizer has.
   *
   * @param sentinels how many sentinels to know at most
   */
  SpecialText(Tokenizer tokenizer, int sentinels) {
    this.tokenizer = tokenizer;
    Stream<String> written =
        Stream.concat(
            Arrays.stream(Special.values()).flatMap(special -> special.names().stream()),
            IntStream.range(0, sentinels).mapToObj(SpecialTokens::sentinelName));
    written.forEach(name -> tokenizer.id(name).ifPresent(id -> ids.put(name, id)));
    // Whatever the tokenizer calls its mask, people may write [MASK].
    Special.MASK.names().stream()
        .map(tokenizer::id)
        .flatMapToInt(OptionalInt::stream)
        .findFirst()
        .ifPresent(id -> Special.MASK.names().forEach(name -> ids.putIfAbsent(name, id)));
    this.names =
        Pattern.compile(
            ids.keySet().stream()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .map(Pattern::quote)
                .collect(Collectors.joining("|", "\\s?(", ")")));
  }

  /** The ids of a text; white space before a special token belongs to it. */
  int[] encode(String text) {
    List<int[]> pieces = new ArrayList<>();
    int from = 0;
    if (!ids.isEmpty()) {
      Matcher matcher = names.matcher(text);
      for (MatchResult found : matcher.results().toList()) {
        pieces.add(tokenizer.encode(text.substring(from, found.start())));
        pieces.add(new int[] {ids.get(found.group(1))});
        from = found.end();
      }
    }
    pieces.add(tokenizer.encode(text.substring(from)));
    return pieces.stream().flatMapToInt(Arrays::stream).toArray();
  }
}
