package dev.culebra.bindings;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The files inside the OpenBLAS jar, as material for tests. */
final class JarFiles {

  static final String FOLDER = "org/bytedeco/openblas/linux-x86_64";
  static final String OPENBLAS = "libopenblas.so.0";

  /** A small library that needs nothing but the C library, and that is not OpenBLAS. */
  static final String SMALL = "libquadmath.so.0";

  static final List<String> ALL = List.of(OPENBLAS, "libgcc_s.so.1", SMALL, "libgfortran.so.5");

  private JarFiles() {}

  static byte[] bytes(String name) {
    try (InputStream in =
        JarFiles.class.getClassLoader().getResourceAsStream(FOLDER + "/" + name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes files of the jar to a folder, and gives the first one's path. */
  static Path copy(Path folder, List<String> names) throws IOException {
    Files.createDirectories(folder);
    for (String name : names) {
      Files.write(folder.resolve(name), bytes(name));
    }
    return folder.resolve(names.getFirst());
  }
}
