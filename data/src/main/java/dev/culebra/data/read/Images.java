package dev.culebra.data.read;

import dev.culebra.data.image.ImageFile;
import dev.culebra.data.image.Pixels;
import dev.culebra.data.read.PairFields.Header;
import dev.culebra.runtime.BadInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Images on disk, the same ones in the same order each time, all of one size.
 *
 * <p>A folder with a caption file ({@link Captions}) gives the images that this names, in its
 * order. Another folder gives the PNG and JPEG files and the IDX images in it and below, sorted by
 * path, without captions. A file is one image, or an IDX file of many ({@link IdxFile}). An image
 * that is missing, broken or, if none is to be resized, of another size is a bad row.
 */
public final class Images {
  private static final String KNOWN =
      "folders of .png, .jpg and .jpeg, perhaps with a captions.tsv, .csv or .jsonl, and"
          + " *images-idx3* files";

  private final List<Path> sources;
  private final ImageSize size;
  private final Header header;

  private Images(List<Path> sources, ImageSize size, Header header) {
    this.sources = List.copyOf(sources);
    this.size = size;
    this.header = header;
  }

  /** Files and folders, in this order; headers of caption files are found. */
  public static Images of(List<Path> paths, ImageSize size) {
    return of(paths, size, Header.AUTO);
  }

  /**
   * Files and folders, in this order.
   *
   * @param header whether the first line of a caption file names its columns
   * @throws BadInputException if one is missing or has no images
   */
  public static Images of(List<Path> paths, ImageSize size, Header header) {
    if (paths.isEmpty()) {
      throw new BadInputException("No images were named: give files or folders");
    }
    List<Path> sources = new ArrayList<>();
    for (Path path : paths) {
      if (!Files.exists(path)) {
        throw new BadInputException("There is no file or folder " + path);
      }
      List<Path> found = sources(path);
      if (found.isEmpty()) {
        throw new BadInputException(path + " has no images: they are read from " + KNOWN);
      }
      sources.addAll(found);
    }
    return new Images(sources, size, header);
  }

  /** Caption files, IDX files and image files. */
  private static List<Path> sources(Path path) {
    if (!Files.isDirectory(path)) {
      return isKnown(path) ? List.of(path) : List.of();
    }
    Optional<Path> captions = Captions.of(path);
    Predicate<Path> labels = file -> IdxFile.isLabels(file) || file.equals(captions.orElse(null));
    Folders listing = Folders.of(path, labels.or(Images::isKnown)).tell();
    return captions
        .map(List::of)
        .orElseGet(() -> listing.files().stream().filter(Images::isKnown).toList());
  }

  /**
   * The list of captions in a folder, if it has one: .tsv, .csv or .jsonl.
   *
   * @throws BadInputException if it has several
   */
  public static Optional<Path> captions(Path folder) {
    return Captions.of(folder).filter(file -> !file.endsWith(EmojiTable.NAME));
  }

  /** The PNG and JPEG files in a folder and below, sorted by path, or a file that is one. */
  public static List<Path> files(Path path) {
    return Folders.known(path, ImageFile::isImage);
  }

  private static boolean isKnown(Path file) {
    return ImageFile.isImage(file) || IdxFile.isImages(file);
  }

  /**
   * Gives every good image to {@code sink}, in order. May be called again.
   *
   * @param bad counts the others; fresh
   * @throws BadInputException if a caption or IDX file is damaged, or too many rows are bad or all
   *     of them
   */
  public void read(BadRows bad, Consumer<LabelledImage> sink) {
    for (Path source : sources) {
      if (IdxFile.isImages(source)) {
        IdxFile.read(source, size, bad, sink);
      } else if (ImageFile.isImage(source)) {
        bad.take(() -> List.of(file(source))).forEach(sink);
      } else {
        Captions.read(source, header, bad, row -> bad.follow(() -> captioned(source, row), sink));
      }
    }
    bad.finish("images");
  }

  /**
   * The images below caption files that these do not name, sorted by path: {@link #read} passes
   * over them.
   */
  public List<Path> unnamed() {
    return sources.stream()
        .filter(source -> !isKnown(source))
        .flatMap(captions -> unnamed(captions).stream())
        .toList();
  }

  private List<Path> unnamed(Path captions) {
    Set<Path> named = new HashSet<>();
    BadRows bad = new BadRows(1); // which read names
    Captions.read(
        captions,
        header,
        bad,
        row -> bad.follow(() -> named(captions, row.source()), file -> named.add(plain(file))));
    return files(Captions.images(captions)).stream()
        .filter(file -> !named.contains(plain(file)))
        .toList();
  }

  private static Path plain(Path file) {
    return file.toAbsolutePath().normalize();
  }

  /**
   * The image that a caption file names.
   *
   * @throws BadInputException if it is no regular file below the caption file's folder
   */
  public static Path named(Path captions, String name) {
    return Named.file(captions, name);
  }

  private LabelledImage captioned(Path captions, TextPair row) {
    try {
      Pixels pixels = pixels(named(captions, row.source()));
      return image(
          pixels, row.source(), row.target(), row.group(), LabelledImage.NO_LABEL, row.where());
    } catch (BadInputException e) {
      throw new BadInputException(row.where() + ": " + e.getMessage(), e);
    }
  }

  private LabelledImage file(Path file) {
    return image(pixels(file), null, null, null, LabelledImage.NO_LABEL, Place.of(file));
  }

  private Pixels pixels(Path file) {
    return size.fit(ImageFile.read(file), Place.of(file));
  }

  /** The image that pixels are. */
  static LabelledImage image(
      Pixels pixels, String name, String caption, String group, int label, Place where) {
    return new LabelledImage(
        pixels.width(),
        pixels.height(),
        pixels.channels(),
        pixels.bytes(),
        name,
        caption,
        group,
        label,
        where);
  }
}
