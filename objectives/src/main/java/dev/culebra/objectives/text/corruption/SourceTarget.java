package dev.culebra.objectives.text.corruption;

import dev.culebra.data.token.Special;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.data.token.Text;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;

/**
 * Given pairs of input and output, such as translations and summaries (Sutskever et al. 2014),
 * written by teacher forcing. Both sides end with the end token; those of an encoder and a decoder
 * begin as the tokenizer's template says.
 *
 * @param specials the special tokens
 * @param layout for which architecture
 */
public record SourceTarget(SpecialTokens specials, SampleLayout layout) {

  /**
   * The sample of a pair. The original is the source followed by the target.
   *
   * @throws BadInputException if a side is empty
   */
  public Example example(Text source, Text target) {
    if (source.length() == 0 || target.length() == 0) {
      throw new BadInputException(
          Format.text(
              "The %s of a pair is empty: leave the pair out",
              source.length() == 0 ? "source" : "target"));
    }
    int end = specials.id(Special.END);
    Target input = copy(source, 0).add(end);
    Target output = copy(target, source.length()).add(end);
    return layout.lay(input, output, specials.start(Special.PAD));
  }

  private Target copy(Text text, int origin) {
    Target copy = Target.opened(layout, specials, text.length() + 2);
    for (int i = 0; i < text.length(); i++) {
      copy.add(text.token(i), Math.addExact(origin, i));
    }
    return copy;
  }
}
