package dev.culebra.objectives.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The data that ships with the program: all of it is read, and holds what data/README.md says. */
class SampleTest {
  private static final Path SAMPLE = Path.of("..", "data", "sample");

  private static List<Picture> pictures(String name, PictureSize size) {
    List<Picture> pictures = new ArrayList<>();
    Images.of(List.of(SAMPLE.resolve(name)), size).read(new BadRows(0), pictures::add);
    return pictures;
  }

  @ParameterizedTest
  @CsvSource({"pairs.tsv, 8400, 4200", "topics.tsv, 2400, 2400", "speeches.tsv, 2548, 33"})
  void hasPairs(String name, int pairs, int groups) {
    List<TextPair> read = new ArrayList<>();
    TextPairs.of(SAMPLE.resolve(name)).read(new BadRows(0), read::add);
    assertThat(read).hasSize(pairs);
    assertThat(read.stream().map(TextPair::group).collect(Collectors.toSet())).hasSize(groups);
  }

  @Test
  void hasEmoji() {
    List<Picture> pictures = pictures("emoji", new PictureSize(32, 3, false));
    assertThat(pictures).hasSize(1904).allMatch(picture -> !picture.caption().isBlank());
    assertThat(pictures.getFirst().caption()).startsWith("grinning face");
  }

  @Test
  void hasClothes() {
    List<Picture> pictures =
        pictures("fashion-images-idx3-ubyte.gz", new PictureSize(28, 1, false));
    assertThat(pictures).hasSize(1500);
    for (int label = 0; label < 10; label++) {
      int wanted = label;
      assertThat(pictures.stream().filter(picture -> picture.label() == wanted)).hasSize(150);
    }
  }

  @Test
  void hasDialogues() {
    List<Document> dialogues = new ArrayList<>();
    Corpus.of(SAMPLE.resolve("dialogues.jsonl")).read(dialogues::add);
    assertThat(dialogues).hasSize(500).allMatch(dialogue -> dialogue.text().startsWith("system: "));
  }

  @Test
  void isSmall() throws IOException {
    try (Stream<Path> files = Files.walk(SAMPLE)) {
      assertThat(files.filter(Files::isRegularFile).mapToLong(SampleTest::size).sum())
          .isLessThan(8_000_000L);
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
