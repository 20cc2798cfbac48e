package dev.culebra.objectives.text.corruption;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.data.random.RandomSource;
import dev.culebra.data.token.BpeTrainer;
import dev.culebra.data.token.ByteLevelBpe;
import dev.culebra.data.token.Special;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.data.token.Text;
import dev.culebra.data.token.Tokenizer;
import dev.culebra.data.token.Tokenizers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Where a random word stands for another, it is a word of the vocabulary: no special token, no
 * sentinel that the objective does not know, and none that somebody added.
 */
final class RandomWordsTest {

  @TempDir static Path folder;

  private static final BitSet MARKS = new BitSet();
  private static Path file;

  @BeforeAll
  static void train() throws IOException {
    file = folder.resolve("tokenizer.json");
    BpeTrainer trainer = new BpeTrainer();
    trainer.add("the cat sat on the mat");
    try (ByteLevelBpe bare = trainer.train(260)) {
      bare.save(file);
      List<String> names = new ArrayList<>(SpecialTokens.in(bare, 60).added());
      IntStream.range(0, 60).forEach(i -> names.add("<|tool_" + i + "|>"));
      Tokenizers.addSpecials(file, names, Set.of());
      MARKS.set(bare.endOfText());
      MARKS.set(bare.vocabularySize(), bare.vocabularySize() + names.size());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert", "albert", "hf", "fairseq", "modernbert"})
  void ofMaskedTokens(String profile) {
    check(specials -> TextObjective.MLM.corruption(profile, specials));
  }

  @Test
  void ofDenoising() {
    check(specials -> TextObjective.DENOISING.corruption("fairseq", specials));
  }

  private static void check(Function<SpecialTokens, Corruption> corruption) {
    try (Tokenizer tokenizer = Tokenizers.load(file)) {
      SpecialTokens specials = SpecialTokens.in(tokenizer, 0);
      assertThat(tokenizer.vocabularySize()).isEqualTo(specials.vocabulary());
      int[] ids = tokenizer.encode("the cat sat on the mat. ".repeat(8));
      BitSet allowed = BitSet.valueOf(new long[0]);
      for (Special special : List.of(Special.BEGIN, Special.END, Special.MASK, Special.PAD)) {
        allowed.set(specials.id(special));
      }
      int strange = 0;
      for (int i = 0; i < 100; i++) {
        Example example =
            corruption.apply(specials).corrupt(Text.of(ids), RandomSource.of(1, 0, i));
        for (int id : example.encoder().ids()) {
          assertThat(MARKS.get(id) && !allowed.get(id)).as("id %d", id).isFalse();
          strange += IntStream.of(ids).anyMatch(known -> known == id) || allowed.get(id) ? 0 : 1;
        }
      }
      assertThat(strange).as("words that the text does not have").isPositive();
    }
  }
}
