package dev.culebra.data.read;

import static dev.culebra.data.read.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.runtime.text.Format;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImagesTest {
  private static final ImageSize TWO = new ImageSize(2, 3, false);

  @TempDir Path folder;

  /** A file of one colour. */
  private Path image(String name, int type, int width, int height, int argb) throws IOException {
    BufferedImage image = new BufferedImage(width, height, type);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, argb);
      }
    }
    return save(name, image);
  }

  private Path save(String name, BufferedImage image) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    assertThat(ImageIO.write(image, name.endsWith("png") ? "png" : "jpg", file.toFile())).isTrue();
    return file;
  }

  private Path red(String name) throws IOException {
    return image(name, BufferedImage.TYPE_INT_RGB, 2, 2, 0xFF0000);
  }

  private static List<LabelledImage> read(ImageSize size, Path... paths) {
    List<LabelledImage> images = new ArrayList<>();
    Images.of(List.of(paths), size).read(new BadRows(0), images::add);
    return images;
  }

  private static int[] values(LabelledImage image) {
    int[] values = new int[image.pixels().length];
    Arrays.setAll(values, i -> Byte.toUnsignedInt(image.pixels()[i]));
    return values;
  }

  @Test
  void readsCaptionsInTheirOrder() throws IOException {
    red("b.png");
    red("deep/a.png");
    red("unnamed.png");
    Path captions =
        Files.writeString(
            folder.resolve("captions.tsv"), "deep/a.png\ta red square\tred\nb.png\tanother\n");
    List<LabelledImage> images = read(TWO, folder);
    assertThat(images)
        .extracting(LabelledImage::caption)
        .containsExactly("a red square", "another");
    assertThat(images).extracting(LabelledImage::group).containsExactly("red", null);
    assertThat(images)
        .extracting(LabelledImage::where)
        .containsExactly(new Place(captions, 1), new Place(captions, 2));
    assertThat(images).extracting(LabelledImage::label).containsOnly(LabelledImage.NO_LABEL);
    assertThat(values(images.getFirst()))
        .containsExactly(255, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0);
  }

  @Test
  void namesWhatCaptionFilesPassOver() throws IOException {
    red("b.png");
    Path deep = red("deep/a.png");
    Path unnamed = red("unnamed.jpg");
    red(".hidden.png");
    Files.writeString(folder.resolve("captions.tsv"), "./deep/../b.png\ta red square\n");
    Path alone = Files.createDirectories(folder.resolve("alone"));
    red("alone/c.png");
    Images source = Images.of(List.of(folder, alone), TWO);
    assertThat(source.unnamed())
        .containsExactly(alone.resolve("c.png"), deep, unnamed); // below the caption file too
    assertThat(read(TWO, folder))
        .extracting(LabelledImage::name)
        .containsExactly("./deep/../b.png");
    assertThat(read(TWO, alone)).extracting(LabelledImage::name).containsOnlyNulls();
  }

  @Test
  void readsCaptionsFromJsonLines() throws IOException {
    red("a.png");
    Files.writeString(
        folder.resolve("captions.jsonl"),
        "{\"caption\": \"c\", \"file\": \"a.png\", \"group\": 3}");
    List<LabelledImage> images = read(TWO, folder);
    assertThat(images).extracting(LabelledImage::caption).containsExactly("c");
    assertThat(images).extracting(LabelledImage::group).containsExactly("3");
    Files.writeString(folder.resolve("captions.tsv"), "a.png\tc\n");
    assertRefused(
        () -> read(TWO, folder),
        Format.text(
            "%s and %s are in one folder: leave one",
            folder.resolve("captions.tsv"), folder.resolve("captions.jsonl")));
  }

  @Test
  void readsFoldersWithoutCaptions() throws IOException {
    Path b = red("b.png");
    Path a = red("a/z.png");
    Files.writeString(folder.resolve("note.txt"), "x");
    List<LabelledImage> images = read(TWO, folder);
    assertThat(images).extracting(LabelledImage::where).containsExactly(Place.of(a), Place.of(b));
    assertThat(images).extracting(LabelledImage::caption).containsOnlyNulls();
  }

  @Test
  void readsTheEmojiPackage() throws IOException {
    red("img/some/64/1.png");
    red("img/some/64/1-tone.png");
    Files.writeString(
        folder.resolve("emoji.json"),
        """
        [{"name": "WAVING HAND", "image": "1.png",
          "skin_variations": {"1F3FB": {"image": "1-tone.png"}}}]
        """);
    List<LabelledImage> images = read(TWO, folder);
    assertThat(images).hasSize(2);
    assertThat(images).extracting(LabelledImage::caption).containsOnly("waving hand");
    assertThat(images).extracting(LabelledImage::name).contains("img/some/64/1-tone.png");
    Path other = red("img/some/64/2.png");
    red("img/some/sheets-256/64.png");
    assertThat(Images.of(List.of(folder), TWO).unnamed()).containsExactly(other);
    assertThat(images).extracting(LabelledImage::group).containsOnly("waving hand");
  }

  /** As Pillow's convert("RGB"), by which transformers loads images. */
  @ParameterizedTest
  @CsvSource({"0xFF336699, 0x33, 0x66, 0x99", "0x00336699, 0x33, 0x66, 0x99"})
  void dropsTransparency(String argb, int red, int green, int blue) throws IOException {
    Path file = image("a.png", BufferedImage.TYPE_INT_ARGB, 1, 1, Long.decode(argb).intValue());
    LabelledImage image = read(new ImageSize(1, 3, false), file).getFirst();
    assertThat(values(image)).containsExactly(red, green, blue);
  }

  @Test
  void keepsGreyAsItIs() throws IOException {
    BufferedImage image = new BufferedImage(2, 2, BufferedImage.TYPE_BYTE_GRAY);
    image.getRaster().setPixels(0, 0, 2, 2, new int[] {0, 64, 128, 255});
    Path file = save("a.png", image);
    assertThat(values(read(new ImageSize(2, 1, false), file).getFirst()))
        .containsExactly(0, 64, 128, 255);
    assertThat(values(read(TWO, file).getFirst()))
        .containsExactly(0, 0, 0, 64, 64, 64, 128, 128, 128, 255, 255, 255);
  }

  @Test
  void readsJpeg() throws IOException {
    Path file = image("a.jpg", BufferedImage.TYPE_INT_RGB, 16, 16, 0x4080C0);
    for (int value : values(read(new ImageSize(1, 1, true), file).getFirst())) {
      // 0.299 * 64 + 0.587 * 128 + 0.114 * 192, and what JPEG loses.
      assertThat(value).isBetween(113, 119);
    }
  }

  @Test
  void resizesOrRefusesOtherSizes() throws IOException {
    Path file = image("a.png", BufferedImage.TYPE_INT_RGB, 6, 3, 0x00FF00);
    LabelledImage image = read(new ImageSize(4, 3, true), file).getFirst();
    assertThat(image.width()).isEqualTo(4);
    assertThat(image.height()).isEqualTo(4);
    float[] planes = new float[50];
    image.toPlanes(planes, 2);
    assertThat(planes).startsWith(0, 0, -1).endsWith(-1);
    assertThat(Arrays.copyOfRange(planes, 18, 34)).containsOnly(1);
    assertRefused(
        () -> read(TWO, file),
        "None of 1 image can be used: " + file + " is 6 x 3 pixels, not 2 x 2");
  }

  @Test
  void leavesOutMissingAndBrokenImages() throws IOException {
    byte[] whole = Files.readAllBytes(red("good.png"));
    Files.write(folder.resolve("cut.png"), Arrays.copyOf(whole, whole.length / 2));
    Files.writeString(folder.resolve("text.png"), "no image");
    Files.write(folder.resolve("empty.png"), new byte[0]);
    Path captions =
        Files.writeString(
            folder.resolve("captions.tsv"),
            "good.png\tc\n".repeat(4)
                + "none.png\tc\ncut.png\tc\ntext.png\tc\nempty.png\tc\ngood.png\t\n");
    BadRows bad = new BadRows(0.6);
    List<LabelledImage> images = new ArrayList<>();
    Images.of(List.of(folder), TWO).read(bad, images::add);
    assertThat(images).hasSize(4);
    assertThat(bad.rows()).isEqualTo(9);
    assertThat(bad.bad()).isEqualTo(5);
    assertThat(bad.summary())
        .startsWith(
            Format.text(
                "5 of 9 rows left out: %s:5: There is no image %s; %s:6: %s is a broken image: ",
                captions, folder.resolve("none.png"), captions, folder.resolve("cut.png")))
        .contains(folder.resolve("text.png") + " is no image: it does not start as PNG or JPEG do");
  }

  @Test
  void readsOnlyRegularFilesBelowTheListThatNamesThem() throws Exception {
    Path list = Files.createDirectory(folder.resolve("list"));
    red("list/good.png");
    Path other = red("other.png");
    Files.createSymbolicLink(list.resolve("away.png"), other);
    Files.createSymbolicLink(list.resolve("near.png"), Path.of("good.png"));
    Files.createSymbolicLink(list.resolve("endless.png"), Path.of("/dev/zero"));
    Files.createDirectory(list.resolve("folder.png"));
    Path pipe = list.resolve("pipe.png");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    String away = " is not below the folder of the list that names it: copy it there";
    Map<String, String> reasons = new LinkedHashMap<>();
    for (String name :
        List.of("../other.png", "away.png", "endless.png", other.toString(), "/dev/zero")) {
      reasons.put(name, name + away);
    }
    reasons.put("folder.png", "folder.png is no regular file");
    reasons.put("pipe.png", "pipe.png is no regular file");
    reasons.put("none.png", "There is no image " + list.resolve("none.png"));
    for (Map.Entry<String, String> entry : reasons.entrySet()) {
      Path captions =
          Files.writeString(
              list.resolve("captions.tsv"),
              "near.png\tc\n../list/good.png\tc\n" + entry.getKey() + "\tc\n");
      BadRows bad = new BadRows(1);
      List<LabelledImage> images = new ArrayList<>();
      Images source = Images.of(List.of(list), TWO);
      source.read(bad, images::add);
      assertThat(images).hasSize(2);
      assertThat(bad.summary())
          .isEqualTo("1 of 3 rows left out: " + captions + ":3: " + entry.getValue());
      assertThat(source.unnamed()).doesNotContain(other);
    }
    Files.delete(list.resolve("endless.png"));
  }

  @Test
  void survivesAnyDamage() throws IOException {
    byte[] whole = Files.readAllBytes(red("good.png"));
    Path file = folder.resolve("bad.png");
    for (int i = 0; i < whole.length; i++) {
      byte[] damaged = whole.clone();
      damaged[i] ^= (byte) 0x55;
      Files.write(file, damaged);
      BadRows bad = new BadRows(1);
      Images.of(List.of(folder), TWO).read(bad, image -> {});
      assertThat(bad.rows()).as("byte %d", i).isEqualTo(2);
    }
  }

  @Test
  void refusesWhatHasNoImages() throws IOException {
    Path text = Files.writeString(folder.resolve("a.txt"), "x");
    String known =
        " has no images: they are read from folders of .png, .jpg and .jpeg, perhaps with a"
            + " captions.tsv, .csv or .jsonl, and *images-idx3* files";
    assertRefused(() -> read(TWO, text), text + known);
    assertRefused(() -> read(TWO, folder), folder + known);
    Path none = folder.resolve("none");
    assertRefused(() -> read(TWO, none), "There is no file or folder " + none);
    assertRefused(() -> read(TWO), "No images were named: give files or folders");
    assertRefused(
        () -> new ImageSize(0, 3, true), "The side of images must be from 1 to 4096 pixels, not 0");
    assertRefused(
        () -> new ImageSize(8, 2, true),
        "Images have 1 channel (grey) or 3 (red, green, blue), not 2");
  }
}
