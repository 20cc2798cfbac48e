package dev.culebra.test.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.culebra.data.image.ImageFile;
import dev.culebra.data.read.BadRows;
import dev.culebra.data.read.Corpus;
import dev.culebra.data.read.ImageSize;
import dev.culebra.data.read.Images;
import dev.culebra.data.read.PairFields;
import dev.culebra.data.read.Template;
import dev.culebra.data.read.TextPairs;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;

/** Everything that reads what is trained on. */
final class DataParsers {
  private static final String LINES =
      """
      {"text": "Call me Ishmael."}
      {"text": "Some years ago \\u2014 never mind", "id": 7, "meta": {"a": [1, 2.5, null]}}
      {"messages": [{"role": "user", "content": "Who?"}, {"role": "assistant", "content": "I."}]}
      {"conversations": [{"from": "human", "value": "Who?"}, {"from": "gpt", "value": "I."}]}
      {"messages": [{"role": "user", "content": [{"type": "text", "text": "part"}]}]}
      """;

  private static final String PAIRS =
      """
      {"source": "a whale", "target": "un baleine", "group": "g", "negatives": ["a", "b"]}
      {"source": "a dog", "target": "un chien", "negatives": []}
      {"source": "a cat", "target": 1, "group": 2}
      {"source": "a cow", "target": "une vache", "group": null}
      """;

  private static final String CAPTIONS =
      """
      {"file": "a.png", "caption": "a square", "group": "g"}
      {"file": "b/a.png", "caption": "another"}
      """;

  private static final String EMOJI =
      """
      [{"name": "RED HEART", "image": "a.png", "unified": "2764", "skin_variations": {}},
       {"name": "HAND", "image": "b.png", "skin_variations": {"1F3FB": {"image": "a.png"}}}]
      """;

  private static final String SYNSETS =
      """
        1 This software and database is being provided
      02086723 05 n 03 dog 0 domestic_dog 0 Canis_familiaris 0 000 | a member; "the dog barked"
      00001740 03 n 01 entity 0 000 | that which is perceived
      """;

  private DataParsers() {}

  static List<Parser> all() {
    List<Parser> all = new ArrayList<>();
    String text = "\ufeffCall me Ishmael.\r\n\r\nSome years ago \u2014 never \ud83d\ude00 mind.\n";
    all.add(text("text", Form.BYTES, "a.txt", text.getBytes(UTF_8)));
    all.add(text("jsonl", Form.LINES, "a.jsonl", LINES.getBytes(UTF_8)));
    all.add(text("jsonl-gzip", Form.GZIP, "a.jsonl.gz", Form.gzip(LINES.getBytes(UTF_8))));
    String cells =
        "source\ttarget\na whale\tune baleine\tg\na dog\tun chien\r\na cat\tun chat\tg\n";
    all.add(pairs("pairs-tsv", Form.BYTES, "a.tsv", cells.getBytes(UTF_8)));
    String values = "source,target\n\"a, \"\"whale\"\"\",une baleine,g\r\na dog,\"un\nchien\"\n";
    all.add(pairs("pairs-csv", Form.BYTES, "a.csv", values.getBytes(UTF_8)));
    all.add(pairs("pairs-jsonl", Form.LINES, "a.jsonl", PAIRS.getBytes(UTF_8)));
    all.add(pairs("pairs-gzip", Form.GZIP, "a.jsonl.gz", Form.gzip(PAIRS.getBytes(UTF_8))));
    String object = PAIRS.lines().findFirst().orElseThrow();
    all.add(pairs("pairs-json", Form.JSON, "a.json", object.getBytes(UTF_8)));
    all.add(pairs("wordnet", Form.BYTES, "data.noun", SYNSETS.getBytes(UTF_8)));
    String rows = "a.png\ta square\tg\nb/a.png\tanother\n";
    all.add(captions("captions-tsv", Form.BYTES, "captions.tsv", rows));
    all.add(captions("captions-csv", Form.BYTES, "captions.csv", "a.png,\"a, b\"\n"));
    all.add(captions("captions-jsonl", Form.LINES, "captions.jsonl", CAPTIONS));
    all.add(captions("emoji-table", Form.JSON, "emoji.json", EMOJI));
    all.add(image("png", Form.PNG, "png", 1));
    all.add(image("jpeg", Form.BYTES, "jpg", 1));
    all.add(idx("idx-images", "train-images-idx3-ubyte", Form.BYTES));
    all.add(idx("idx-labels", "train-labels-idx1-ubyte", Form.BYTES));
    all.add(idx("idx-gzip", "train-images-idx3-ubyte.gz", Form.GZIP));
    return all;
  }

  private static Parser text(String name, Form form, String file, byte[] seed) {
    return new Parser(
        name,
        form,
        file,
        List.of(),
        folder -> Files.write(folder.resolve(file), seed),
        folder -> {
          List<Path> files = List.of(folder.resolve(file));
          Corpus.of(files, Corpus.DEFAULT_FIELD, Template.PLAIN)
              .read(new BadRows(0.9), document -> {});
        },
        1);
  }

  private static Parser pairs(String name, Form form, String file, byte[] seed) {
    return new Parser(
        name,
        form,
        file,
        List.of(),
        folder -> Files.write(folder.resolve(file), seed),
        folder ->
            TextPairs.of(List.of(folder.resolve(file)), PairFields.DEFAULT)
                .read(new BadRows(0.9), pair -> {}),
        1);
  }

  private static Parser captions(String name, Form form, String file, String seed) {
    return new Parser(
        name,
        form,
        "in/" + file,
        List.of(),
        folder -> {
          Path in = folder.resolve("in");
          for (String place : List.of("b", "img/x/64")) {
            Files.createDirectories(in.resolve(place));
          }
          for (String image : List.of("a.png", "b/a.png", "img/x/64/a.png", "img/x/64/b.png")) {
            Files.write(in.resolve(image), encoded("png", BufferedImage.TYPE_INT_RGB));
          }
          Files.writeString(in.resolve(file), seed);
        },
        folder -> {
          Images images = Images.of(List.of(folder.resolve("in")), new ImageSize(4, 3, true));
          images.read(new BadRows(0.9), image -> image.where());
          images.unnamed();
        },
        2);
  }

  private static Parser image(String name, Form form, String kind, int cost) {
    List<byte[]> more = new ArrayList<>();
    more.add(encoded(kind, BufferedImage.TYPE_BYTE_GRAY));
    if (kind.equals("png")) {
      more.add(encoded(kind, BufferedImage.TYPE_INT_ARGB));
      more.add(encoded(kind, BufferedImage.TYPE_BYTE_INDEXED));
      more.add(encoded(kind, BufferedImage.TYPE_USHORT_GRAY));
      more.add(encoded(kind, BufferedImage.TYPE_BYTE_BINARY));
    }
    return new Parser(
        name,
        form,
        "a." + kind,
        more,
        folder ->
            Files.write(folder.resolve("a." + kind), encoded(kind, BufferedImage.TYPE_INT_RGB)),
        folder -> ImageFile.read(folder.resolve("a." + kind)),
        cost);
  }

  private static byte[] encoded(String kind, int type) {
    BufferedImage image = new BufferedImage(9, 7, type);
    for (int y = 0; y < 7; y++) {
      for (int x = 0; x < 9; x++) {
        image.setRGB(x, y, 0xFF000000 | x * 0x1B0000 | y * 0x2300 | x * y);
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, kind, out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static Parser idx(String name, String file, Form form) {
    return new Parser(
        name,
        form,
        file,
        List.of(),
        folder -> {
          String end = file.endsWith(".gz") ? ".gz" : "";
          idx(folder.resolve("train-images-idx3-ubyte" + end), 3, 4, 4);
          idx(folder.resolve("train-labels-idx1-ubyte" + end), 3);
        },
        folder -> {
          String images = file.replace("labels-idx1", "images-idx3");
          Images.of(List.of(folder.resolve(images)), new ImageSize(4, 1, false))
              .read(new BadRows(0), image -> image.where());
        },
        1);
  }

  private static void idx(Path file, int... sizes) throws IOException {
    int bytes = 1;
    for (int size : sizes) {
      bytes *= size;
    }
    ByteBuffer all = ByteBuffer.allocate(4 + 4 * sizes.length + bytes);
    all.putInt(8 << 8 | sizes.length);
    for (int size : sizes) {
      all.putInt(size);
    }
    while (all.hasRemaining()) {
      all.put((byte) all.position());
    }
    byte[] plain = all.array();
    Files.write(file, file.toString().endsWith(".gz") ? Form.gzip(plain) : plain);
  }
}
