package dev.culebra.data.token;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.util.List;
import java.util.OptionalInt;

/** Which token ends a document, by the names that published vocabularies give it. */
final class EndOfText {
  private static final List<String> NAMES =
      List.of(
          BpeTrainer.END_OF_TEXT,
          "<|end_of_text|>",
          "<|end▁of▁sentence|>",
          "</s>",
          "<eos>",
          "[EOS]",
          "[SEP]");

  private EndOfText() {}

  /** The id of the first of the names that the tokenizer knows. */
  static int in(Tokenizer tokenizer) {
    return NAMES.stream()
        .map(tokenizer::id)
        .filter(OptionalInt::isPresent)
        .mapToInt(OptionalInt::getAsInt)
        .findFirst()
        .orElseThrow(
            () ->
                new BadInputException(
                    Format.text(
                        "The vocabulary has no token that ends a document (looked for %s): add one"
                            + " of them to tokenizer.json",
                        String.join(", ", NAMES))));
  }
}
