package dev.culebra.objectives.text.corruption;

import dev.culebra.data.random.RandomSource;
import dev.culebra.data.token.Text;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.util.ArrayList;
import java.util.List;

/**
 * Pairs of text for next sentence prediction (Devlin et al. 2019) and sentence order prediction
 * (Lan et al. 2020), as {@code create_instances_from_document} makes them: sentences of a document
 * are gathered up to a target length and cut in two. What follows is then the true second part
 * (label 0); or, half the time, another document's text (nsp, label 1), or both parts swapped (sop,
 * label 1). A single sentence is always followed by another document's text.
 */
public final class SentencePairs {
  private static final int TRIES = 10;

  private final Task task;
  private final int room;
  private final double shortShare;

  /** What the label of a pair says. */
  public enum Task {
    /** 0: B follows A; 1: B is from elsewhere. */
    NEXT_SENTENCE,
    /** 0: A comes first; 1: B came first. */
    SENTENCE_ORDER
  }

  /**
   * A pair of texts.
   *
   * @param first the tokens of A
   * @param second the tokens of B
   * @param label 0 for what the document says, 1 otherwise
   */
  public record Pair(Segment first, Segment second, int label) {}

  /**
   * Tokens of a document.
   *
   * @param text the document
   * @param span which tokens of it
   * @param own whether it is the document that the pair is made from
   */
  public record Segment(Text text, Text.Span span, boolean own) {
    int length() {
      return span.length();
    }
  }

  /**
   * Makes pairs.
   *
   * @param context the most rows of a sample, its three special tokens included
   * @param shortShare how often a shorter target length is drawn (published: 0.1)
   */
  public SentencePairs(Task task, int context, double shortShare) {
    if (context < 5) {
      throw new BadInputException(
          Format.text(
              "Two texts and three special tokens do not fit into %d rows: give at least 5",
              context));
    }
    if (!(shortShare >= 0 && shortShare <= 1)) {
      throw new BadInputException(
          Format.text(
              "The share of short pairs is %s: it must be at least 0 and at most 1", shortShare));
    }
    this.task = task;
    this.room = context - 3;
    this.shortShare = shortShare;
  }

  /**
   * The pairs that a document yields.
   *
   * @throws BadInputException if another document is needed and there is none: one document alone
   *     has no random next sentence, and a document of one sentence has no order
   */
  public List<Pair> pairs(Documents documents, int index, RandomSource draws) {
    Text text = documents.text(index);
    List<Text.Span> sentences = text.sentences();
    int target = draws.chance(shortShare) ? 2 + draws.below(room - 1) : room;
    List<Pair> pairs = new ArrayList<>();
    int first = 0;
    int length = 0;
    for (int i = 0; i < sentences.size(); i++) {
      length += sentences.get(i).length();
      if (i < sentences.size() - 1 && length < target) {
        continue;
      }
      int count = i + 1 - first;
      int cut = count >= 2 ? 1 + draws.below(count - 1) : 1;
      Segment a = new Segment(text, join(sentences, first, first + cut), true);
      Pair pair;
      if (elsewhere(count, draws)) {
        Segment b = random(documents, index, target - a.length(), draws);
        pair = new Pair(a, b, 1);
        i -= count - cut; // the sentences that were not used are read again
      } else {
        Segment b = new Segment(text, join(sentences, first + cut, i + 1), true);
        boolean swapped = task == Task.SENTENCE_ORDER && draws.chance(0.5);
        pair = swapped ? new Pair(b, a, 1) : new Pair(a, b, 0);
      }
      pairs.add(truncate(pair, draws));
      first = i + 1;
      length = 0;
    }
    return pairs;
  }

  private boolean elsewhere(int sentences, RandomSource draws) {
    return sentences == 1 || (task == Task.NEXT_SENTENCE && draws.chance(0.5));
  }

  private static Text.Span join(List<Text.Span> sentences, int from, int to) {
    return new Text.Span(sentences.get(from).start(), sentences.get(to - 1).end());
  }

  private Segment random(Documents documents, int index, int wanted, RandomSource draws) {
    if (documents.count() < 2) {
      throw new BadInputException(
          task == Task.NEXT_SENTENCE
              ? "Next sentence prediction needs at least two documents, to draw a sentence that"
                  + " does not follow"
              : "Sentence order prediction needs documents of at least two sentences, or a second"
                  + " document");
    }
    int other = index;
    for (int tries = 0; tries < TRIES && other == index; tries++) {
      other = draws.below(documents.count());
    }
    Text text = documents.text(other);
    List<Text.Span> sentences = text.sentences();
    int start = draws.below(sentences.size());
    int end = start;
    int length = 0;
    do {
      length += sentences.get(end++).length();
    } while (end < sentences.size() && length < wanted);
    return new Segment(text, join(sentences, start, end), other == index);
  }

  /** Takes tokens from the longer part, the second if both are equal, at either end by chance. */
  private Pair truncate(Pair pair, RandomSource draws) {
    Text.Span a = pair.first.span;
    Text.Span b = pair.second.span;
    while (a.length() + b.length() > room) {
      boolean front = draws.chance(0.5);
      if (a.length() > b.length()) {
        a = shorten(a, front);
      } else {
        b = shorten(b, front);
      }
    }
    return new Pair(
        new Segment(pair.first.text, a, pair.first.own),
        new Segment(pair.second.text, b, pair.second.own),
        pair.label);
  }

  private static Text.Span shorten(Text.Span span, boolean front) {
    return front
        ? new Text.Span(span.start() + 1, span.end())
        : new Text.Span(span.start(), span.end() - 1);
  }
}
