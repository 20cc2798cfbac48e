package dev.culebra.data.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.data.read.BadRows;
import dev.culebra.data.read.Corpus;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenShardsTest {
  @TempDir Path folder;

  /** Documents of random ids from 1; id 0 ends a document. */
  static List<int[]> documents(long seed, int count, int longest, int vocabulary) {
    SplittableRandom random = new SplittableRandom(seed);
    List<int[]> documents = new ArrayList<>();
    for (int d = 0; d < count; d++) {
      documents.add(random.ints(random.nextInt(1, longest + 1), 1, vocabulary).toArray());
    }
    return documents;
  }

  static int[] flat(List<int[]> documents) {
    return documents.stream()
        .flatMapToInt(d -> IntStream.concat(Arrays.stream(d), IntStream.of(0)))
        .toArray();
  }

  static TokenShards write(Path folder, List<int[]> documents, int vocabulary, long perShard) {
    try (ShardWriter writer = new ShardWriter(folder, vocabulary, 0, perShard)) {
      documents.forEach(writer::add);
      return writer.finish();
    }
  }

  private static int[] all(TokenShards shards) {
    int[] ids = new int[Math.toIntExact(shards.tokens())];
    shards.copy(0, ids, 0, ids.length);
    return ids;
  }

  private List<String> files() throws IOException {
    try (Stream<Path> list = Files.list(folder)) {
      return list.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 300, 65_536, 65_537, 1_000_000})
  void givesBackWhatWasWritten(int vocabulary) {
    List<int[]> documents = documents(vocabulary, 200, 90, vocabulary);
    int[] expected = flat(documents);
    try (TokenShards shards = write(folder, documents, vocabulary, 1000)) {
      assertThat(all(shards.verify())).isEqualTo(expected);
      assertThat(shards.documents()).isEqualTo(200);
      assertThat(shards.vocabularySize()).isEqualTo(vocabulary);
      assertThat(shards.endOfText()).isZero();
      long end = 0;
      for (int d = 0; d < documents.size(); d++) {
        end += documents.get(d).length + 1;
        assertThat(shards.documentEnd(d)).isEqualTo(end);
      }
      SplittableRandom random = new SplittableRandom(7);
      for (int i = 0; i < 200; i++) {
        int from = random.nextInt(expected.length);
        int count = random.nextInt(expected.length - from + 1);
        int[] part = new int[count + 2];
        shards.copy(from, part, 1, count);
        assertThat(Arrays.copyOfRange(part, 1, count + 1))
            .isEqualTo(Arrays.copyOfRange(expected, from, from + count));
      }
    }
  }

  @Test
  void cutsShardsBetweenDocuments() throws IOException {
    List<int[]> documents = List.of(new int[99], new int[300], new int[1], new int[5]);
    documents.forEach(d -> Arrays.fill(d, 1));
    try (TokenShards shards = write(folder, documents, 2, 100)) {
      assertThat(files())
          .containsExactly("tokens-00000.bin", "tokens-00001.bin", "tokens-00002.bin");
      assertThat(all(shards)).isEqualTo(flat(documents));
    }
  }

  @Test
  void usesTwoBytesWhereTheyDo() throws IOException {
    write(folder.resolve("narrow"), List.of(new int[] {65_535}), 65_536, 10).close();
    write(folder.resolve("wide"), List.of(new int[] {65_536}), 65_537, 10).close();
    assertThat(Files.size(folder.resolve("narrow/tokens-00000.bin"))).isEqualTo(64 + 8 + 8);
    assertThat(Files.size(folder.resolve("wide/tokens-00000.bin"))).isEqualTo(64 + 8 + 8);
  }

  @Test
  void encodesACorpus() throws IOException {
    Path texts = Files.createDirectory(folder.resolve("texts"));
    Files.writeString(texts.resolve("a.txt"), "the whale");
    Files.writeString(texts.resolve("b.txt"), "the sea");
    ByteLevelBpe bpe = new BpeTrainer().train(257);
    try (TokenShards shards =
        TokenShards.build(Corpus.of(texts), new BadRows(0), bpe, folder.resolve("ids"))) {
      assertThat(shards.documents()).isEqualTo(2);
      assertThat(bpe.decode(all(shards))).isEqualTo("the whale<|endoftext|>the sea<|endoftext|>");
    }
  }

  @Test
  void tellsContentsApart() {
    List<int[]> documents = documents(1, 20, 30, 100);
    List<int[]> other = documents(2, 20, 30, 100);
    try (TokenShards a = write(folder.resolve("a"), documents, 100, 1000);
        TokenShards b = write(folder.resolve("b"), documents, 100, 1000);
        TokenShards c = write(folder.resolve("c"), other, 100, 1000)) {
      assertThat(a.fingerprint()).isEqualTo(b.fingerprint()).isNotEqualTo(c.fingerprint());
    }
  }

  @Test
  void leavesNothingBehindUnlessFinished() throws IOException {
    try (ShardWriter writer = new ShardWriter(folder, 10, 0, 4)) {
      writer.add(new int[] {1, 2, 3, 4, 5});
      writer.add(new int[] {1, 2, 3});
      assertThat(files()).containsExactly("tokens-00000.bin.partial", "tokens-00001.bin.partial");
    }
    assertThat(files()).isEmpty();
  }

  @Test
  void refusesIdsOutsideTheVocabularyAndGoesOn() {
    try (ShardWriter writer = new ShardWriter(folder, 10, 0, 100)) {
      writer.add(new int[] {1});
      for (int id : new int[] {10, -1}) {
        assertThatThrownBy(() -> writer.add(new int[] {1, id}))
            .isInstanceOf(BadInputException.class)
            .hasMessage("Token id " + id + " is outside the vocabulary of 10");
      }
      writer.add(new int[0]);
      writer.add(new int[] {2});
      try (TokenShards shards = writer.finish()) {
        assertThat(all(shards)).containsExactly(1, 0, 2, 0);
      }
      assertThatThrownBy(() -> writer.add(new int[] {1})).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void refusesAFolderThatHoldsShards() {
    write(folder, List.of(new int[] {1}), 10, 10).close();
    assertThatThrownBy(() -> new ShardWriter(folder, 10, 0, 10))
        .isInstanceOf(BadInputException.class)
        .hasMessage(
            "The folder " + folder + " already holds token shards: remove them or name another");
  }

  @Test
  void reportsAFolderThatCannotBe() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    assertThatThrownBy(() -> new ShardWriter(file, 10, 0, 10))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageStartingWith("Cannot write token shards into " + file);
  }

  @Test
  void isOfNoUseAfterClose() {
    TokenShards shards = write(folder, List.of(new int[] {1, 2}), 10, 10);
    shards.close();
    shards.close();
    assertThatThrownBy(() -> shards.copy(0, new int[1], 0, 1))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void refusesReadsOutside() {
    try (TokenShards shards = write(folder, List.of(new int[] {1, 2}), 10, 10)) {
      assertThatThrownBy(() -> shards.copy(2, new int[4], 0, 2))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> shards.copy(-1, new int[4], 0, 2))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> shards.documentEnd(1)).isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void refusesMissingShards() throws IOException {
    Path first = folder.resolve("tokens-00000.bin");
    assertThatThrownBy(() -> TokenShards.open(folder))
        .isInstanceOf(BadInputException.class)
        .hasMessage("There is no token shard " + first + ": make the shards again");
    write(folder, documents(3, 9, 9, 10), 10, 10).close();
    Files.delete(folder.resolve("tokens-00002.bin"));
    assertThatThrownBy(() -> TokenShards.open(folder))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("There is no token shard ")
        .hasMessageContaining("tokens-00002.bin");
  }

  @Test
  void refusesForeignShards() throws IOException {
    Path a = folder.resolve("a");
    Path b = folder.resolve("b");
    write(a, documents(3, 9, 9, 10), 10, 10).close();
    write(b, documents(3, 9, 9, 10), 11, 10).close();
    Path target = a.resolve("tokens-00001.bin");
    Files.write(target, Files.readAllBytes(b.resolve("tokens-00001.bin")));
    assertBad(a, target, "its vocabulary is not that of shard 0");
    Files.write(target, Files.readAllBytes(a.resolve("tokens-00000.bin")));
    assertBad(a, target, "it is shard 0 by its header");
    Files.writeString(target, "whale".repeat(100));
    assertBad(a, target, "does not start like one");
  }

  private static void assertBad(Path folder, Path file, String why) {
    assertThatThrownBy(() -> TokenShards.open(folder).close())
        .isInstanceOf(BadInputException.class)
        .hasMessage(
            Format.text("%s is not a sound token shard (%s): make the shards again", file, why));
  }

  @Test
  void refusesEveryTruncation() throws IOException {
    write(folder, documents(3, 20, 20, 70_000), 70_000, 1000).close();
    Path file = folder.resolve("tokens-00000.bin");
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length += 7) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> TokenShards.open(folder))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("is not a sound token shard (it");
    }
    Files.write(file, Arrays.copyOf(whole, whole.length + 8));
    assertThatThrownBy(() -> TokenShards.open(folder))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("bytes long where its header says");
  }

  @Test
  void noticesEveryChangedByte() throws IOException {
    write(folder, documents(3, 5, 9, 300), 300, 1000).close();
    Path file = folder.resolve("tokens-00000.bin");
    byte[] whole = Files.readAllBytes(file);
    List<int[]> documents = documents(3, 5, 9, 300);
    int padding = ShardHeader.BYTES + 2 * flat(documents).length;
    int table = whole.length - documents.size() * Long.BYTES;
    for (int i = 0; i < whole.length; i++) {
      byte[] changed = whole.clone();
      changed[i] ^= 0x10;
      Files.write(file, changed);
      if (i < padding || i >= table) {
        assertThatThrownBy(
                () -> {
                  try (TokenShards shards = TokenShards.open(folder)) {
                    shards.verify();
                  }
                })
            .as("byte %d", i)
            .isInstanceOf(BadInputException.class)
            .hasMessageContaining("is not a sound token shard");
      }
    }
  }

  @Test
  void refusesIdsThatWereTamperedWith() throws IOException {
    write(folder, List.of(new int[] {1, 2, 3}), 10, 1000).close();
    Path file = folder.resolve("tokens-00000.bin");
    byte[] bytes = Files.readAllBytes(file);
    bytes[64 + 2] = 10;
    Files.write(file, bytes);
    try (TokenShards shards = TokenShards.open(folder)) {
      int[] ids = new int[4];
      assertThatThrownBy(() -> shards.copy(0, ids, 0, 4))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("token 1 is id 10, outside the vocabulary of 10");
    }
  }
}
