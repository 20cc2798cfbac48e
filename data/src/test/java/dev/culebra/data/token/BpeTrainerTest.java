package dev.culebra.data.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.runtime.BadInputException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class BpeTrainerTest {

  private static ByteLevelBpe train(int size, String... texts) {
    BpeTrainer trainer = new BpeTrainer();
    for (String text : texts) {
      trainer.add(text);
    }
    return trainer.train(size);
  }

  private static List<String> learned(ByteLevelBpe bpe) {
    List<String> tokens = new ArrayList<>();
    for (int id = 257; id < bpe.vocabularySize(); id++) {
      tokens.add(bpe.token(id));
    }
    return tokens;
  }

  /**
   * The digests are of Python's {@code tokenizers} 0.23.2: a {@code BpeTrainer} with
   * vocab_size=2048, min_frequency=2, the ByteLevel alphabet and this special token, on the whole
   * sample as one text; its merges ("left right", one per line) and the sample's ids (u16).
   */
  @Test
  void learnsTheSampleAsHuggingFaceDoes() throws NoSuchAlgorithmException {
    String sample = Sample.text();
    ByteLevelBpe bpe = train(2048, sample);
    BpeVocabulary vocabulary = bpe.vocabulary();
    List<String> merges = new ArrayList<>();
    for (long pair : vocabulary.merges()) {
      merges.add(bpe.token(PairMap.left(pair)) + " " + bpe.token(PairMap.right(pair)));
    }
    assertThat(sha256(String.join("\n", merges).getBytes(StandardCharsets.UTF_8)))
        .isEqualTo("f5bc79050ce40692269dd6f339f86a93ebcab6c87d538baf321528e40960a69a");
    int[] ids = bpe.encode(sample);
    assertThat(ids).hasSize(397_868);
    ByteBuffer bytes = ByteBuffer.allocate(ids.length * 2).order(ByteOrder.LITTLE_ENDIAN);
    for (int id : ids) {
      bytes.putShort((short) id);
    }
    assertThat(sha256(bytes.array()))
        .isEqualTo("471b2099f12ee60267ae4aa849e5af1fdf4dad8a259e58ac02a943c2d5e9ad01");
    assertThat(bpe.encode("I'd\n\n  sail 1851 ﷽ 𝔘𝔫𝔦 🐋"))
        .containsExactly(
            41, 7, 68, 477, 221, 724, 1210, 24, 21, 17, 221, 172, 116, 122, 221, 173, 252, 243, 247,
            173, 252, 243, 105, 173, 252, 243, 100, 221, 173, 254, 239, 234);
  }

  private static String sha256(byte[] bytes) throws NoSuchAlgorithmException {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  @Property(tries = 200)
  void learnsWhatTheDefinitionSays(
      @ForAll @Size(max = 6)
          List<@StringLength(max = 60) @CharRange(from = 'a', to = 'c') String> texts) {
    ByteLevelBpe bpe = train(257 + 30, texts.toArray(String[]::new));
    assertThat(learned(bpe)).isEqualTo(naive(texts, 30));
  }

  /** Counts all pairs anew for each merge. Letters a to c only: each text is one word. */
  private static List<String> naive(List<String> texts, int merges) {
    Map<String, Integer> ids = new LinkedHashMap<>();
    List.of("a", "b", "c").forEach(letter -> ids.put(letter, ids.size()));
    List<List<String>> words = new ArrayList<>();
    texts.forEach(text -> words.add(new ArrayList<>(List.of(text.split("")))));
    List<String> learned = new ArrayList<>();
    while (learned.size() < merges) {
      Map<List<String>, Integer> counts = new LinkedHashMap<>();
      for (List<String> word : words) {
        for (int i = 0; i + 1 < word.size(); i++) {
          counts.merge(List.of(word.get(i), word.get(i + 1)), 1, Integer::sum);
        }
      }
      var best =
          counts.entrySet().stream()
              .filter(e -> e.getValue() >= 2)
              .min(
                  Comparator.<Map.Entry<List<String>, Integer>>comparingInt(e -> -e.getValue())
                      .thenComparing(e -> ids.get(e.getKey().get(0)))
                      .thenComparing(e -> ids.get(e.getKey().get(1))));
      if (best.isEmpty()) {
        break;
      }
      List<String> pair = best.get().getKey();
      String joined = pair.get(0) + pair.get(1);
      if (ids.putIfAbsent(joined, ids.size()) == null) {
        learned.add(joined);
      }
      for (List<String> word : words) {
        for (int i = 0; i + 1 < word.size(); i++) {
          if (word.get(i).equals(pair.get(0)) && word.get(i + 1).equals(pair.get(1))) {
            word.set(i, joined);
            word.remove(i + 1);
          }
        }
      }
    }
    return learned;
  }

  @Test
  void doesNotDependOnTheOrderOfTexts() {
    String[] one = {"the whale", "the sea and the ship", "a sea of whales"};
    String[] other = {one[2], one[0], one[1]};
    assertThat(train(300, one).toJson()).isEqualTo(train(300, other).toJson());
  }

  @Test
  void stopsWhenNoPairRepeats() {
    assertThat(train(5000, "abcab").vocabularySize()).isEqualTo(258);
    assertThat(train(5000).vocabularySize()).isEqualTo(257);
    assertThat(train(Integer.MAX_VALUE, "abcab").vocabularySize()).isEqualTo(258);
  }

  @Test
  void takesLongWordsInItsStride() {
    BpeTrainer trainer = new BpeTrainer();
    trainer.add("ab".repeat(500_000));
    ByteLevelBpe bpe = trainer.train(300);
    String text = "ab".repeat(100_001);
    assertThat(bpe.decode(bpe.encode(text))).isEqualTo(text);
  }

  @Test
  void refusesASmallVocabulary() {
    assertThatThrownBy(() -> new BpeTrainer().train(256))
        .isInstanceOf(BadInputException.class)
        .hasMessage(
            "A vocabulary of 256 is too small: byte-level BPE needs at least 257, 256 bytes and 1"
                + " special token");
    assertThatThrownBy(() -> new BpeTrainer(List.of("<|mask|>")).train(-3))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("at least 258, 256 bytes and 2 special tokens");
  }

  @Test
  void refusesSpecialsThatTextCouldSpell() {
    for (String special : List.of("", "whale", "Ġ!", "<é>", "!!")) {
      assertThatThrownBy(() -> new BpeTrainer(List.of(special)))
          .as(special)
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("could also be a piece of text");
    }
    assertThatThrownBy(() -> new BpeTrainer(List.of(BpeTrainer.END_OF_TEXT)))
        .isInstanceOf(BadInputException.class)
        .hasMessage("The special token \"<|endoftext|>\" is given twice");
    assertThat(new BpeTrainer(List.of("[MASK]", "<｜pad｜>")).train(300).token(2))
        .isEqualTo("<｜pad｜>");
  }
}
