package dev.culebra.runtime.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FormatTest {

  @ParameterizedTest
  @CsvSource({
    "pairs, 1 pair, '1,204 pairs'",
    "pairs of texts, 1 pair of texts, '1,204 pairs of texts'",
    "classes, 1 class, '1,204 classes'",
    "patches, 1 patch, '1,204 patches'",
    "images, 1 image, '1,204 images'",
    "bytes, 1 byte, '1,204 bytes'",
    "losses, 1 loss, '1,204 losses'",
    "more tensors, 1 more tensor, '1,204 more tensors'",
    "links to nothing, 1 link to nothing, '1,204 links to nothing'",
    "links to what is read already, 1 link to what is read already, '1,204 links to what is read"
        + " already'",
    "of no kind that is read here, 1 of no kind that is read here, '1,204 of no kind that is read"
        + " here'",
    "hidden, 1 hidden, '1,204 hidden'"
  })
  void countsThings(String several, String one, String many) {
    assertThat(Format.count(1, several)).isEqualTo(one);
    assertThat(Format.count(1204, several)).isEqualTo(many);
    assertThat(Format.count(0, several)).isEqualTo("0 " + several);
  }
}
