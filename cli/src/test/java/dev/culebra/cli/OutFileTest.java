package dev.culebra.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.runtime.BadInputException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands that write one file touch no other kind of file, and say so before they work. */
class OutFileTest {

  @TempDir Path temporary;

  @Test
  void refusesWhatHoldsSomethingElse() throws IOException {
    Path thesis = Files.writeString(temporary.resolve("thesis.json"), "{\"mine\":1}");
    Path text = Files.writeString(temporary.resolve("text.txt"), "a text of a few words");
    StringWriter said = new StringWriter();
    PrintWriter all = new PrintWriter(said);
    int code =
        Main.run(all, all, "tokenizer", "--data", text.toString(), "--out", thesis.toString());
    assertThat(code).isEqualTo(2);
    assertThat(said.toString()).contains("thesis.json is there and is no tokenizer");
    assertThat(Main.run(all, all, "draw", temporary.toString(), "--out", text.toString()))
        .isEqualTo(2);
    assertThat(said.toString()).contains("text.txt is there and is no PNG image");
    assertThat(thesis).hasContent("{\"mine\":1}");
    assertThat(text).hasContent("a text of a few words");
  }

  @Test
  void refusesPlacesThatAreNone() {
    for (Path path :
        new Path[] {Path.of(""), temporary, temporary.resolve("nowhere").resolve("a.png")}) {
      assertThatThrownBy(() -> OutFile.checkImage(path)).isInstanceOf(BadInputException.class);
    }
  }

  @Test
  void takesItsOwn() throws IOException {
    Path image = temporary.resolve("grid.png");
    OutFile.checkImage(image);
    PngFile.write(new BufferedImage(2, 2, BufferedImage.TYPE_INT_RGB), image);
    OutFile.checkImage(image);
    Path tokenizer = Files.writeString(temporary.resolve("t.json"), "{\"model\":{}}");
    OutFile.checkTokenizer(tokenizer);
  }
}
