package dev.culebra.train.inference;

import dev.culebra.data.token.Special;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.data.token.Template;
import dev.culebra.data.token.TokenRoles;
import dev.culebra.data.token.Tokenizer;
import dev.culebra.models.nn.TokenModel.Architecture;
import dev.culebra.objectives.text.corruption.TextObjective;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import dev.culebra.train.setup.ObjectiveMix;
import dev.culebra.train.setup.TextObjectiveConfig;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Lays a prompt out as the samples were that a model was trained on. */
public final class PromptLayout {

  private final TextObjectiveConfig plan;
  private final Tokenizer tokenizer;
  private final Template template;
  private final SpecialTokens specials;
  private final TypedText text;

  PromptLayout(TextObjectiveConfig plan, Tokenizer tokenizer) {
    this.plan = plan;
    this.tokenizer = tokenizer;
    this.template = tokenizer.traits().template();
    this.specials = SpecialTokens.in(tokenizer, plan.sentinels());
    this.text =
        plan.objective() == TextObjective.CLM
            ? TypedText.plain(tokenizer)
            : TypedText.masked(tokenizer, specials);
  }

  /** The layout of a task's first objective. */
  public static PromptLayout of(ObjectiveMix task, Tokenizer tokenizer) {
    return new PromptLayout(task.first(), tokenizer);
  }

  /**
   * Whether a token ends what is written: those that the model's files name, or else a special one,
   * but not one that hidden spans have.
   */
  boolean ends(int id) {
    List<Integer> named = tokenizer.traits().roles().eos();
    if (!named.isEmpty()) {
      return named.contains(id);
    }
    return id == tokenizer.endOfText()
        || (specials.isSpecial(id)
            && IntStream.range(0, plan.sentinels()).noneMatch(i -> specials.sentinel(i) == id));
  }

  /** What a model reads of a prompt; an empty one stands for the beginning of a document. */
  Prompt lay(String prompt) {
    int[] ids = text.encode(prompt);
    return plan.architecture() == Architecture.ENCODER_DECODER ? source(ids) : decoder(ids);
  }

  private Prompt source(int[] ids) {
    int end = id(Special.END);
    boolean plain = plan.profile().equals("plain");
    return switch (plan.objective()) {
      case DENOISING -> { // a single noise leaves the text without a begin and an end
        boolean framed = plan.profile().equals("fairseq") || plan.profile().equals("hf");
        int begin = framed ? id(Special.BEGIN) : end;
        yield framed
            ? Prompt.source(framed(ids, begin, end), start(Special.END, begin))
            : Prompt.source(nonEmpty(ids), start(Special.END));
      }
      case UL2 -> {
        int[] announced = join(specials.opening(), modes(ids));
        yield Prompt.source(
            join(announced, end), begun(ids, start(Special.PAD, specials.opening())));
      }
      default ->
          plain
              ? Prompt.source(nonEmpty(ids), start(Special.PAD))
              : Prompt.source(
                  ended(opened(nonEmpty(ids)), end), start(Special.PAD, specials.opening()));
    };
  }

  /** A text with what its tokenizer puts before it; what was typed is not doubled. */
  private int[] opened(int[] ids) {
    int[] opening = specials.opening();
    return opening.length > 0 && ids[0] == opening[0] ? ids : join(opening, ids);
  }

  private static int[] framed(int[] ids, int begin, int end) {
    return ended(ids.length > 0 && ids[0] == begin ? ids : join(new int[] {begin}, ids), end);
  }

  /** A text with its end; one that was typed is not doubled. */
  private static int[] ended(int[] ids, int end) {
    return ids.length > 0 && ids[ids.length - 1] == end ? ids : join(ids, end);
  }

  /** What a decoder has before it: what the model's files name, or else the objective's tokens. */
  private int[] start(Special usual, int... more) {
    TokenRoles roles = tokenizer.traits().roles();
    if (roles.decoderStart() < 0) {
      return join(new int[] {id(usual)}, more);
    }
    int[] start = {roles.decoderStart()};
    // A begin of texts is forced only where training had it.
    boolean trained = more.length > 0 || !template.begin().contains(roles.forcedBos());
    return roles.forcedBos() >= 0 && trained ? join(start, roles.forcedBos()) : start;
  }

  private Prompt decoder(int[] ids) {
    return switch (plan.objective()) {
      case PREFIX_LM ->
          Prompt.prefix(plan.profile().equals("plain") ? nonEmpty(ids) : started(ids), true);
      case SEQ2SEQ -> Prompt.prefix(join(started(ids), id(Special.END)), false);
      case UL2 -> {
        int[] input = join(started(modes(ids)), id(Special.END));
        int[] forced = begun(ids);
        yield new Prompt(null, join(input, forced), input.length, false);
      }
      case FIM -> filling(ids);
      default -> Prompt.causal(beginning(template.open(ids)));
    };
  }

  /** A document begins with what its tokenizer puts there, or behind the end of another one. */
  private int[] beginning(int[] ids) {
    if (ids.length > 0) {
      return ids;
    }
    int bos = tokenizer.traits().roles().bos();
    return new int[] {bos >= 0 ? bos : tokenizer.endOfText()};
  }

  private int[] started(int[] ids) {
    return join(new int[] {id(Special.PAD)}, ids);
  }

  /** UL2 continues a text that has no sentinel: its hidden span lies at the end. */
  private int[] modes(int[] ids) {
    return asksSpans(ids)
        ? join(new int[] {id(Special.MODE_R)}, ids)
        : join(join(new int[] {id(Special.MODE_S)}, ids), specials.sentinel(0));
  }

  private int[] begun(int[] ids, int... start) {
    return asksSpans(ids) ? start : join(start, specials.sentinel(0));
  }

  private boolean asksSpans(int[] ids) {
    return Arrays.stream(ids).anyMatch(id -> id == specials.sentinel(0));
  }

  /** A text with a gap, marked by the mask token, becomes prefix, suffix, middle. */
  private Prompt filling(int[] ids) {
    int gap = -1;
    for (int i = 0; i < ids.length; i++) {
      gap = ids[i] == id(Special.MASK) ? i : gap;
    }
    if (gap < 0) {
      return Prompt.causal(beginning(ids));
    }
    int[] prefix = Arrays.copyOf(ids, gap);
    int[] suffix = Arrays.copyOfRange(ids, gap + 1, ids.length);
    int[] opened = {id(Special.PREFIX)};
    int[] laid =
        plan.profile().equals("spm")
            ? join(join(join(join(opened, id(Special.SUFFIX)), suffix), id(Special.MIDDLE)), prefix)
            : join(
                join(join(join(opened, prefix), id(Special.SUFFIX)), suffix), id(Special.MIDDLE));
    return new Prompt(null, laid, 0, false);
  }

  private int id(Special special) {
    int id = specials.id(special);
    if (id >= tokenizer.vocabularySize()) {
      throw new BadInputException(
          Format.text(
              "the tokenizer has no token for %s (%s), which a prompt for %s needs: it is not the"
                  + " one that the model was trained with",
              special, String.join(", ", special.names()), plan.objective().key()));
    }
    return id;
  }

  private static int[] nonEmpty(int[] ids) {
    if (ids.length == 0) {
      throw new BadInputException("the prompt is empty: give a text to read with --prompt");
    }
    return ids;
  }

  private static int[] join(int[] first, int... second) {
    int[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
