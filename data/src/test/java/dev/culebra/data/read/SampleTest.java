package dev.culebra.data.read;

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

  private static List<LabelledImage> images(String name, ImageSize size) {
    List<LabelledImage> images = new ArrayList<>();
    Images.of(List.of(SAMPLE.resolve(name)), size).read(new BadRows(0), images::add);
    return images;
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
    List<LabelledImage> images = images("emoji", new ImageSize(32, 3, false));
    assertThat(images).hasSize(1904).allMatch(image -> !image.caption().isBlank());
    assertThat(images.getFirst().caption()).startsWith("grinning face");
  }

  @Test
  void hasClothes() {
    List<LabelledImage> images =
        images("fashion-images-idx3-ubyte.gz", new ImageSize(28, 1, false));
    assertThat(images).hasSize(1500);
    for (int label = 0; label < 10; label++) {
      int wanted = label;
      assertThat(images.stream().filter(image -> image.label() == wanted)).hasSize(150);
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
