package dev.culebra.train.run;

import dev.culebra.data.read.LabelledImage;
import dev.culebra.data.token.Special;
import dev.culebra.data.token.Tokenizer;
import dev.culebra.models.bert.Encoder;
import dev.culebra.models.nn.TokenModel.Architecture;
import dev.culebra.objectives.text.corruption.TextObjective;
import dev.culebra.train.run.Workload.Use;
import dev.culebra.train.setup.EvaluationText;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** What can be done with a trained model, with something that its run held out. */
final class Uses {

  private static final int WORDS = 6;
  private static final int TOKENS = 100;

  private Uses() {}

  /** What a model of text is used for. */
  static List<Use> of(TextSetup setup) {
    if (!(setup.model() instanceof Encoder encoder)) {
      String text = text(setup);
      return List.of(new Use("generate", List.of("--prompt", prompt(setup, text))));
    }
    return encoder.fillsMasks()
        ? List.of(new Use("fill", List.of(hiding(text(setup), mask(setup)))))
        : List.of();
  }

  /** What is searched for. */
  static Use search(String held) {
    return new Use("search", List.of(words(held, false, _ -> true)));
  }

  /** A caption for an image, if it lies in a file of its own. */
  static Optional<Use> caption(LabelledImage image) {
    Path where = image.where().file();
    Path file = image.name() == null ? where : where.resolveSibling(image.name());
    boolean own = image.name() != null || image.where().number() == 0;
    return own && Files.isRegularFile(file)
        ? Optional.of(new Use("generate", List.of("--image", file.toString())))
        : Optional.empty();
  }

  /** What the model's first objective reads of a text. */
  private static String prompt(TextSetup setup, String text) {
    if (setup.model().architecture() != Architecture.ENCODER_DECODER) {
      return text;
    }
    TextObjective objective = setup.task().first().objective();
    return switch (objective) {
      case SPAN_CORRUPTION ->
          hiding(text, setup.data().tokenizer().token(setup.specials().sentinel(0)));
      case DENOISING -> hiding(text, mask(setup));
      default -> text;
    };
  }

  private static String mask(TextSetup setup) {
    return setup.data().tokenizer().token(setup.specials().id(Special.MASK));
  }

  /** The text with something in place of its second word, or behind its only one. */
  private static String hiding(String text, String mark) {
    List<String> words = new ArrayList<>(Arrays.asList(text.split(" ")));
    if (words.size() > 1) {
      words.set(1, mark);
    } else {
      words.add(mark);
    }
    return String.join(" ", words);
  }

  /** Some words of held-out text that leave most of the context free. */
  private static String text(TextSetup setup) {
    Tokenizer tokenizer = setup.data().tokenizer();
    int room = Math.max(1, setup.model().context() / 2 - 4);
    String held = tokenizer.decode(EvaluationText.of(setup.data()).beginning(TOKENS));
    return words(held, true, text -> tokenizer.encodePrompt(text).length <= room);
  }

  /**
   * The first words of a text that fit, in one line. Never empty, and no option to a command line.
   *
   * @param cut whether the text begins anywhere, perhaps in a word, which is left out
   */
  static String words(String text, boolean cut, Predicate<String> fits) {
    String[] all =
        text.replaceAll("[\\p{Cntrl}\\uFFFD]", " ")
            .replaceAll("<\\|.*?\\|>", " ")
            .strip()
            .split(" +");
    int from = cut && all.length > WORDS ? 1 : 0;
    StringBuilder some = new StringBuilder();
    for (int i = from; i < all.length && i < from + WORDS; i++) {
      String word = some.isEmpty() ? all[i].replaceFirst("^-+", "") : " " + all[i];
      if (!some.isEmpty() && !fits.test(some + word)) {
        break;
      }
      some.append(word);
    }
    while (some.length() > 1 && !fits.test(some.toString())) {
      some.setLength(some.offsetByCodePoints(some.length(), -1));
    }
    return some.isEmpty() ? "a" : some.toString();
  }
}
