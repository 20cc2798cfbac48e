package dev.culebra.data.image;

import dev.culebra.runtime.text.Format;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** What a file is by its first bytes; names say nothing. */
enum ImageKind {
  PNG("PNG", "\u0089PNG\r\n\u001a\n"),
  JPEG("JPEG", "\u00ff\u00d8\u00ff"),
  GIF("a GIF image", "GIF87a", "GIF89a"),
  WEBP("a WebP image", "RIFF....WEBP"),
  TIFF("a TIFF image", "II*\0", "MM\0*", "II+\0", "MM\0+"),
  AVIF("an AVIF image", "....ftypavif", "....ftypavis"),
  HEIF("a HEIF image", "....ftyphe", "....ftypmif1", "....ftypmsf1"),
  JPEG_2000("a JPEG 2000 image", "\0\0\0\u000cjP  ", "\u00ffO\u00ffQ"),
  JPEG_XL("a JPEG XL image", "\0\0\0\u000cJXL ", "\u00ff\n"),
  ICON("a Windows icon", "\0\0\1\0", "\0\0\2\0"),
  PHOTOSHOP("a Photoshop file", "8BPS"),
  PDF("a PDF file", "%PDF"),
  SVG("an SVG image", "<svg", "<?xml"),
  WEB_PAGE("a web page", "<!DOCTYPE", "<!doctype", "<html"),
  LFS("a pointer of Git LFS, not the file itself", "version https://git-lfs"),
  ZIP("a ZIP archive", "PK\3\4"),
  GZIP("a gzip archive", "\u001f\u008b"),
  BMP("a BMP image", "BM"),
  UNKNOWN("");

  private final String description;
  private final List<String> starts;

  ImageKind(String description, String... starts) {
    this.description = description;
    this.starts = List.of(starts);
  }

  static ImageKind of(byte[] bytes) {
    String head = new String(bytes, 0, Math.min(bytes.length, 32), StandardCharsets.ISO_8859_1);
    return Arrays.stream(values())
        .filter(kind -> kind.starts.stream().anyMatch(start -> begins(head, start)))
        .findFirst()
        .orElse(UNKNOWN);
  }

  /** A dot stands for any byte. */
  private static boolean begins(String head, String start) {
    for (int i = 0; i < start.length(); i++) {
      if (i == head.length() || start.charAt(i) != '.' && start.charAt(i) != head.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** What is wrong with a file of this kind where images are read. */
  ImageFlaw unread() {
    return this == UNKNOWN
        ? new ImageFlaw("is no image: it does not start as PNG or JPEG do")
        : new ImageFlaw(Format.text("is %s: images are read from PNG and JPEG", description));
  }
}
