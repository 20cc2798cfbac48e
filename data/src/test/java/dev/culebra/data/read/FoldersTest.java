package dev.culebra.data.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.Notes;
import dev.culebra.runtime.text.Format;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Folders with links, and with what is passed over. */
@Timeout(20)
class FoldersTest {
  @TempDir Path temporary;

  private Path write(String name, String text) throws IOException {
    Path file = temporary.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private void link(String name, String to) throws IOException {
    Path link = temporary.resolve(name);
    Files.createDirectories(link.getParent());
    Files.createSymbolicLink(link, Path.of(to));
  }

  private List<String> read(String folder, List<String> notes) {
    List<String> texts = new ArrayList<>();
    Notes.to(
        notes::add,
        () -> {
          Corpus.of(temporary.resolve(folder)).read(new BadRows(), one -> texts.add(one.text()));
          return null;
        });
    return texts;
  }

  @Test
  void followsLinksToFoldersAndFiles() throws IOException {
    write("real/0.txt", "0");
    write("real/sub/1.txt", "1");
    write("else/2.txt", "2");
    link("linked", "real");
    link("corpus/folder", "../real");
    link("corpus/file.txt", "../else/2.txt");
    List<String> notes = new ArrayList<>();
    assertThat(read("linked", notes)).containsExactly("0", "1");
    assertThat(read("corpus", notes)).containsExactly("2", "0", "1");
    assertThat(notes).isEmpty();
  }

  @Test
  void readsWhatTwoWaysLeadToOnce() throws IOException {
    write("corpus/b/0.txt", "0");
    link("corpus/a", "b");
    link("corpus/c.txt", "b/0.txt");
    link("corpus/d/up", "../b");
    List<String> notes = new ArrayList<>();
    assertThat(read("corpus", notes)).containsExactly("0");
    assertThat(notes)
        .containsExactly(
            Format.text(
                "of the folder %s are passed over: 3 links to what is read already (a, c.txt,"
                    + " d/up)",
                temporary.resolve("corpus")));
  }

  @Test
  void namesFilesWithNothingInThem() throws IOException {
    write("corpus/a.txt", "a");
    Path blank = write("corpus/b.jsonl", "\n \n");
    List<String> notes = new ArrayList<>();
    assertThat(read("corpus", notes)).containsExactly("a");
    assertThat(notes).containsExactly(blank + " has no text in it");
  }

  @Test
  void findsLoops() throws IOException {
    write("corpus/a/0.txt", "0");
    write("corpus/b/1.txt", "1");
    link("corpus/a/up", "..");
    link("corpus/a/self", ".");
    link("corpus/a/over", "../b");
    link("corpus/b/over", "../a");
    link("corpus/itself", "itself");
    List<String> notes = new ArrayList<>();
    assertThat(read("corpus", notes)).containsExactly("0", "1");
    assertThat(notes)
        .containsExactly(
            Format.text(
                "of the folder %s are passed over: 1 link to nothing (itself), 2 links to a folder"
                    + " above (a/self, a/up), 2 links to what is read already (a/over,"
                    + " b/over)",
                temporary.resolve("corpus")));
  }

  @Test
  void namesAllThatIsPassedOver() throws IOException, InterruptedException {
    write("corpus/a.txt", "a");
    write("corpus/.git/config.txt", "no");
    write("corpus/sub/.DS_Store", "no");
    write("corpus/b.pdf", "no");
    write("corpus/c.txt", "");
    for (int i = 0; i < 5; i++) {
      write("corpus/d" + i + ".bin", "no");
    }
    link("corpus/e.txt", "nowhere.txt");
    Process fifo =
        new ProcessBuilder("mkfifo", temporary.resolve("corpus/f.txt").toString()).start();
    assertThat(fifo.waitFor(5, TimeUnit.SECONDS)).isTrue();
    List<String> notes = new ArrayList<>();
    assertThat(read("corpus", notes)).containsExactly("a");
    assertThat(notes)
        .containsExactly(
            Format.text(
                "of the folder %s are passed over: 2 hidden (.git, sub/.DS_Store), 6 of no kind"
                    + " that is read here (b.pdf, d0.bin, d1.bin, ...), 1 empty (c.txt), 1 link to"
                    + " nothing (e.txt), 1 special file (f.txt)",
                temporary.resolve("corpus")));
    for (Path pipe : List.of(temporary.resolve("corpus/f.txt"), Path.of("/dev/zero"))) {
      assertThatThrownBy(() -> InputFile.read(pipe, in -> in.readNBytes(1)))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("is no regular file");
    }
  }
}
