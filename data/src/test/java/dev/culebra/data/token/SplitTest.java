package dev.culebra.data.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.culebra.runtime.BadInputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SplitTest {
  private static final int VOCABULARY = 100_000;

  @TempDir Path folder;

  /** One document whose ids count up from 1, so that a token tells its place. */
  private static int[] book(int length) {
    return IntStream.rangeClosed(1, length).toArray();
  }

  private static int[] all(TokenView view) {
    int[] ids = new int[Math.toIntExact(view.size())];
    view.copy(0, ids, 0, ids.length);
    return ids;
  }

  @ParameterizedTest
  @CsvSource({"10000, 0.1, 8", "10000, 0.01, 8", "300, 0.1, 8", "18, 0.01, 8", "18, 0.99, 8"})
  void holdsOutBlocksOfABook(int length, double fraction, int context) {
    try (TokenShards shards =
        TokenShardsTest.write(folder, List.of(book(length)), VOCABULARY, 1 << 20)) {
      Split split = Split.of(shards, fraction, 5, context);
      int[] train = all(split.train());
      int[] held = all(split.validation());
      assertThat(train.length).isGreaterThanOrEqualTo(context + 1);
      assertThat(held.length).isGreaterThanOrEqualTo(context + 1);
      int[] both = IntStream.concat(Arrays.stream(train), Arrays.stream(held)).sorted().toArray();
      assertThat(both).isEqualTo(IntStream.rangeClosed(0, length).toArray());
      double wanted = Math.clamp(fraction * (length + 1), context + 1.0, length - context);
      assertThat((double) held.length).isCloseTo(wanted, within(8.0));
      assertThat(split.how()).contains("held out").contains("block");
      for (int i = 1; i < held.length; i++) {
        boolean jumps = held[i] != held[i - 1] + 1 && held[i] != 0;
        assertThat(split.validation().breakAfter(i - 1) == i).isEqualTo(jumps);
      }
    }
  }

  @Test
  void drawsBlocksFromTheSeed() {
    try (TokenShards shards =
        TokenShardsTest.write(folder, List.of(book(20_000)), VOCABULARY, 1 << 20)) {
      Split split = Split.of(shards, 0.1, 1, 16);
      assertThat(split.how()).isEqualTo("7 blocks of 285 tokens held out");
      assertThat(all(Split.of(shards, 0.1, 1, 16).validation())).isEqualTo(all(split.validation()));
      assertThat(all(Split.of(shards, 0.1, 2, 16).validation()))
          .isNotEqualTo(all(split.validation()));
    }
  }

  @Test
  void holdsOutDocumentsWhereThereAreMany() {
    List<int[]> documents = new ArrayList<>();
    for (int d = 1; d <= 500; d++) {
      int[] document = new int[20];
      Arrays.fill(document, d);
      documents.add(document);
    }
    try (TokenShards shards = TokenShardsTest.write(folder, documents, VOCABULARY, 1000)) {
      Split split = Split.of(shards, 0.1, 3, 64);
      assertThat(split.how()).matches("\\d+ of 500 documents held out");
      assertThat((double) split.validation().size() / shards.tokens()).isCloseTo(0.1, within(0.05));
      assertThat(split.train().size() + split.validation().size()).isEqualTo(shards.tokens());
      List<Integer> train = distinct(split.train());
      List<Integer> held = distinct(split.validation());
      assertThat(train).doesNotContainAnyElementsOf(held);
      assertThat(train.size() + held.size()).isEqualTo(500);
    }
  }

  private static List<Integer> distinct(TokenView view) {
    return Arrays.stream(all(view)).filter(id -> id > 0).distinct().boxed().toList();
  }

  @Test
  void holdsOutTheSameDocumentsHoweverTheyAreSharded() {
    List<int[]> documents = TokenShardsTest.documents(4, 300, 40, 50);
    try (TokenShards one = TokenShardsTest.write(folder.resolve("1"), documents, 50, 1 << 20);
        TokenShards many = TokenShardsTest.write(folder.resolve("n"), documents, 50, 100)) {
      assertThat(all(Split.of(one, 0.2, 9, 8).validation()))
          .isEqualTo(all(Split.of(many, 0.2, 9, 8).validation()));
    }
  }

  @Test
  void refusesATextOfLessThanTwoWindows() {
    try (TokenShards shards =
        TokenShardsTest.write(folder, List.of(book(89)), VOCABULARY, 1 << 20)) {
      assertThatThrownBy(() -> Split.of(shards, 0.1, 1, 128))
          .isInstanceOf(BadInputException.class)
          .hasMessage(
              "The text has 90 tokens, but a context of 128 needs at least 258, half of them to"
                  + " hold out: give more text or a shorter context");
      assertThat(Split.of(shards, 0.1, 1, 44).validation().size()).isEqualTo(45);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1, -0.1, 1.5, Double.NaN})
  void refusesImpossibleFractions(double fraction) {
    try (TokenShards shards =
        TokenShardsTest.write(folder, List.of(book(89)), VOCABULARY, 1 << 20)) {
      assertThatThrownBy(() -> Split.of(shards, fraction, 1, 8))
          .isInstanceOf(BadInputException.class)
          .hasMessage("The held-out fraction is " + fraction + ": it must be above 0 and below 1");
    }
  }
}
