package dev.culebra.data.token;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds added tokens in a text that nothing normalizes, as the {@code AddedVocabulary} of Hugging
 * Face's tokenizers does: those that are not to be normalized first, then the others between them;
 * of several that begin at one place the longest.
 */
final class AddedTokens {
  private static final Pattern WORD = Pattern.compile("\\w", Pattern.UNICODE_CHARACTER_CLASS);

  private final Pass first;
  private final Pass second;

  AddedTokens(List<AddedToken> tokens) {
    this.first = Pass.of(tokens.stream().filter(token -> !token.normalized()).toList());
    this.second = Pass.of(tokens.stream().filter(AddedToken::normalized).toList());
  }

  /** Gives the parts of a text in order: ids of tokens, and the text between them. */
  void split(String text, IntConsumer id, Consumer<String> between) {
    first.split(text, id, part -> second.split(part, id, between));
  }

  private record Pass(Pattern names, Map<String, AddedToken> tokens) {

    static Pass of(List<AddedToken> tokens) {
      Map<String, AddedToken> byName = new HashMap<>();
      tokens.forEach(token -> byName.put(token.content(), token));
      List<String> names = new ArrayList<>(byName.keySet());
      names.sort(Comparator.comparingInt(String::length).reversed());
      String all = String.join("|", names.stream().map(Pattern::quote).toList());
      return new Pass(names.isEmpty() ? null : Pattern.compile(all), byName);
    }

    void split(String text, IntConsumer id, Consumer<String> between) {
      int from = 0;
      Matcher matcher = names == null ? null : names.matcher(text);
      while (matcher != null && matcher.find()) {
        AddedToken token = tokens.get(matcher.group());
        int start = matcher.start();
        int end = matcher.end();
        if (token.singleWord() && (isWordBefore(text, start) || isWordAt(text, end))) {
          continue;
        }
        while (token.lstrip()
            && start > from
            && WordSplitter.isWhiteSpace(text.charAt(start - 1))) {
          start--;
        }
        while (token.rstrip()
            && end < text.length()
            && WordSplitter.isWhiteSpace(text.charAt(end))) {
          end++;
        }
        if (start > from) {
          between.accept(text.substring(from, start));
        }
        id.accept(token.id());
        from = end;
      }
      if (from < text.length()) {
        between.accept(text.substring(from));
      }
    }

    private static boolean isWordBefore(String text, int end) {
      return end > 0 && isWord(text.codePointBefore(end));
    }

    private static boolean isWordAt(String text, int start) {
      return start < text.length() && isWord(text.codePointAt(start));
    }

    private static boolean isWord(int codePoint) {
      return WORD.matcher(Character.toString(codePoint)).matches();
    }
  }
}
