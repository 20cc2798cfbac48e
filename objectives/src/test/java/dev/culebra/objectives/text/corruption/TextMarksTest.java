package dev.culebra.objectives.text.corruption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.data.token.BpeTrainer;
import dev.culebra.data.token.ByteLevelBpe;
import dev.culebra.data.token.Special;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.data.token.Template;
import dev.culebra.data.token.Text;
import dev.culebra.data.token.TextMarks;
import dev.culebra.data.token.TokenRoles;
import dev.culebra.data.token.Tokenizer;
import dev.culebra.data.token.TokenizerTraits;
import dev.culebra.data.token.WordMarks;
import dev.culebra.data.token.WordMarks.Kind;
import dev.culebra.runtime.BadInputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** Words, sentences and special tokens as vocabularies write them. */
class TextMarksTest {

  /** A vocabulary that decodes each token to itself. */
  private record Written(List<String> tokens, WordMarks marks) implements Tokenizer {
    @Override
    public TokenizerTraits traits() {
      return new TokenizerTraits(Template.NONE, TokenRoles.NONE, marks);
    }

    @Override
    public int[] encode(String text) {
      return Arrays.stream(text.split(" ", -1)).mapToInt(tokens::indexOf).toArray();
    }

    @Override
    public String decode(int[] ids) {
      StringBuilder text = new StringBuilder();
      Arrays.stream(ids).mapToObj(tokens::get).forEach(text::append);
      return text.toString().replace("##", "").replace('▁', ' ');
    }

    @Override
    public int vocabularySize() {
      return tokens.size();
    }

    @Override
    public int endOfText() {
      return 0;
    }

    @Override
    public String token(int id) {
      return tokens.get(id);
    }

    @Override
    public OptionalInt id(String token) {
      int id = tokens.indexOf(token);
      return id < 0 ? OptionalInt.empty() : OptionalInt.of(id);
    }

    @Override
    public void close() {}
  }

  private static List<String> words(Tokenizer tokenizer, int[] ids) {
    Text text = TextMarks.of(tokenizer).text(ids);
    List<String> words = new ArrayList<>();
    for (int i = 0; i < text.length(); i++) {
      String token = tokenizer.decode(new int[] {ids[i]});
      if (text.startsWord(i)) {
        words.add(token);
      } else {
        words.set(words.size() - 1, words.getLast() + token);
      }
    }
    return words;
  }

  @Test
  void wordPiecesContinueAWord() {
    Written bert =
        new Written(
            List.of("un", "##bel", "##iev", "a", "cat", "."),
            new WordMarks(Kind.CONTINUATION, "##"));
    assertThat(words(bert, bert.encode("un ##bel ##iev a cat .")))
        .containsExactly("unbeliev", "a", "cat", ".");
  }

  @Test
  void sentencePiecesBeginAWord() {
    Written t5 =
        new Written(
            List.of("▁un", "bel", "iev", "▁a", "▁cat", "."), new WordMarks(Kind.BEGINNING, "▁"));
    assertThat(words(t5, t5.encode("▁un bel iev ▁a ▁cat .")))
        .containsExactly(" unbeliev", " a", " cat.");
  }

  @Test
  void bytesBeginAWordAtWhiteSpace() {
    BpeTrainer trainer = new BpeTrainer();
    trainer.add("the whale sank. the whale\nsank!");
    try (ByteLevelBpe bytes = trainer.train(264)) {
      String text = "the whale\nsank. the  sea?";
      int[] ids = bytes.encode(text);
      assertThat(words(bytes, ids)).containsExactly("the", " whale", "\nsank.", " the", "  sea?");
      Text marked = TextMarks.of(bytes).text(ids);
      assertThat(marked.sentences()).hasSize(2);
      Text.Span first = marked.sentences().getFirst();
      assertThat(bytes.decode(Arrays.copyOfRange(ids, first.start(), first.end())))
          .isEqualTo("the whale\nsank.");
    }
  }

  @Test
  void suffixesEndAWord() {
    Written clip =
        new Written(
            List.of("un", "believ", "able</w>", "a</w>"), new WordMarks(Kind.ENDING, "</w>"));
    assertThat(words(clip, new int[] {0, 1, 2, 3, 0, 2}))
        .containsExactly("unbelievable</w>", "a</w>", "unable</w>");
  }

  @Test
  void everyTokenOfAWordLevelVocabularyIsAWord() {
    Written words = new Written(List.of("##a", "▁b", "c"), new WordMarks(Kind.EACH, ""));
    assertThat(words(words, new int[] {0, 1, 2})).hasSize(3);
  }

  /** The tokenizer's kind tells, not how some of its tokens look. */
  @Test
  void tokensThatLookOtherwiseDoNotCount() {
    BpeTrainer trainer = new BpeTrainer();
    trainer.add("## one ## two ## three ## four one two three four");
    try (ByteLevelBpe bytes = trainer.train(300)) {
      assertThat(bytes.id("##")).isPresent();
      assertThat(words(bytes, bytes.encode("## one two"))).containsExactly("##", " one", " two");
    }
    Written clip = new Written(List.of("##x", "▁y</w>"), new WordMarks(Kind.ENDING, "</w>"));
    assertThat(words(clip, new int[] {0, 1, 0})).hasSize(2);
  }

  @Test
  void sentencesEndWithStops() {
    for (String stop : List.of(".", "end.", "so?", "no!", "\"no!\"", "(so.)", "end.\n", "’tis.”")) {
      assertThat(TextMarks.isStop(stop)).as(stop).isTrue();
    }
    for (String other : List.of("", "a", ",", "3.14", "e.g.,", "\"")) {
      assertThat(TextMarks.isStop(other)).as(other).isFalse();
    }
    // of several stops in a row the first ends the sentence
    Text text =
        TextMarks.of(new Written(List.of("a", "."), WordMarks.BYTES))
            .text(new int[] {0, 1, 1, 1, 0, 1});
    assertThat(text.sentences()).containsExactly(new Text.Span(0, 2), new Text.Span(2, 6));
  }

  @Test
  void specialTokensAreFoundByTheirNames() {
    Written bert =
        new Written(
            List.of("a", "[PAD]", "[CLS]", "</s>", "<mask>", "<extra_id_1>"), WordMarks.BYTES);
    SpecialTokens specials = SpecialTokens.in(bert, 3);
    assertThat(specials.id(Special.PAD)).isEqualTo(1);
    assertThat(specials.id(Special.BEGIN)).isEqualTo(2);
    assertThat(specials.id(Special.END)).isEqualTo(3);
    assertThat(specials.id(Special.MASK)).isEqualTo(4);
    assertThat(specials.sentinel(1)).isEqualTo(5);
    assertThat(specials.added())
        .containsExactly(
            "[R]",
            "[S]",
            "[X]",
            "<fim_prefix>",
            "<fim_suffix>",
            "<fim_middle>",
            "<extra_id_0>",
            "<extra_id_2>");
    assertThat(specials.id(Special.MODE_R)).isEqualTo(6);
    assertThat(specials.sentinel(2)).isEqualTo(13);
    assertThat(specials.vocabulary()).isEqualTo(14);
    assertThat(specials.words()).isEqualTo(1);
    assertThat(specials.word(0)).isZero();
    assertThat(specials.isSpecial(0)).isFalse();
  }

  @Test
  void objectivesKnowTheirProfiles() {
    SpecialTokens specials = Samples.SPECIALS;
    for (TextObjective objective : TextObjective.values()) {
      assertThat(TextObjective.named(objective.key())).contains(objective);
      for (String profile : objective.profiles()) {
        if (objective.pairsTexts()) {
          assertThatThrownBy(() -> objective.corruption(profile, specials))
              .isInstanceOf(BadInputException.class)
              .hasMessageContaining("pairs");
        } else {
          assertThat(objective.corruption(profile, specials).minimum()).isBetween(1, 2);
        }
      }
      assertThatThrownBy(() -> objective.corruption("none", specials))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("no profile 'none'; it has " + objective.profiles().getFirst());
    }
    assertThat(TextObjective.named("none")).isEmpty();
  }

  /** BERT masks each text ten times for good; fairseq anew each epoch. */
  @Test
  void staticMasksRepeat() {
    Text text = Samples.counting(60);
    Corruption bert = TextObjective.MLM.corruption("bert", Samples.SPECIALS);
    Corruption fairseq = TextObjective.MLM.corruption("fairseq", Samples.SPECIALS);
    String first = bert.sample(text, 1, 3, 7).toString();
    assertThat(bert.sample(text, 1, 13, 7)).hasToString(first);
    assertThat(bert.sample(text, 1, 4, 7).toString()).isNotEqualTo(first);
    assertThat(fairseq.sample(text, 1, 3, 7).toString())
        .isNotEqualTo(fairseq.sample(text, 1, 13, 7).toString());
  }

  /** Whole words are hidden as one, and one in ten masks is a random id, as asked. */
  @Test
  void wordsAreMaskedWhole() {
    Text text = Samples.marked(60, 3);
    Denoise words =
        Denoise.tokenMasking(0.3).with(0.3, Denoise.Unit.WORD, Denoise.Replacement.ONE_MASK);
    for (int i = 0; i < 100; i++) {
      Example example = Denoising.plain(words, Samples.SPECIALS).sample(text, 1, 0, i);
      for (int token = 1; token < text.length(); token++) {
        assertThat(
                text.startsWord(token)
                    || example.kept().get(token) == example.kept().get(token - 1))
            .as("token %d goes with the one before it", token)
            .isTrue();
      }
    }
    int masks = 0;
    int random = 0;
    for (int i = 0; i < 500; i++) {
      Sequence read =
          Denoising.plain(Denoise.published().withPermute(0), Samples.SPECIALS)
              .sample(text, 1, 0, i)
              .encoder();
      for (int row = 0; row < read.length(); row++) {
        if (read.shown(row) == Sequence.NOWHERE) {
          masks += read.id(row) == Samples.SPECIALS.id(Special.MASK) ? 1 : 0;
          random += read.id(row) == Samples.SPECIALS.id(Special.MASK) ? 0 : 1;
        }
      }
    }
    assertThat((double) random / (masks + random)).isBetween(0.07, 0.14);
  }
}
