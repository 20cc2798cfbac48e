package dev.culebra.models;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.Notes;
import dev.culebra.runtime.io.ShardIndex;
import dev.culebra.runtime.io.StoredTensors;
import dev.culebra.runtime.text.Format;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The weight files of a model folder: one, or shards with an index; beside them those tensors that
 * no published class reads. Names of before 2019 become today's.
 */
final class FolderWeights {

  /** What no class of transformers or diffusers reads lies in this file. */
  static final String OWN = "culebra.safetensors";

  /** What other programs and older releases write, which is not read. */
  private static final String OTHERS =
      "(pytorch_model|diffusion_pytorch_model|tf_model|flax_model|model|adapter_model)\\b.*"
          + "\\.(bin|h5|msgpack|gguf|onnx|pt|pth|safetensors)(\\.index\\.json)?|.*\\.gguf";

  private FolderWeights() {}

  /** Opens the weights of a family's folder. */
  static StoredTensors open(Path folder, String weightFile) {
    boolean whole =
        Files.isRegularFile(folder.resolve(weightFile))
            || Files.isRegularFile(folder.resolve(weightFile + ShardIndex.SUFFIX));
    if (!whole && RoutedFolder.is(folder)) {
      return RoutedFolder.open(folder);
    }
    return StoredTensors.open(find(folder, weightFile), folder.resolve(OWN))
        .renamed(FolderWeights::today);
  }

  /** As transformers renames when it loads: gain and shift of a norm were gamma and beta. */
  private static String today(String name) {
    return name.replace("LayerNorm.gamma", "LayerNorm.weight")
        .replace("LayerNorm.beta", "LayerNorm.bias");
  }

  /** How many bytes the files of weights in a folder and right below it have. */
  static long bytes(Path folder) {
    try (Stream<Path> files = Files.walk(folder.toRealPath(), 2)) {
      long bytes = 0;
      for (Path file : files.filter(FolderWeights::hasWeights).toList()) {
        bytes += Files.size(file);
      }
      return bytes;
    } catch (IOException | UncheckedIOException e) {
      throw new BadInputException(folder + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static boolean hasWeights(Path file) {
    return file.toString().endsWith(".safetensors") && Files.isRegularFile(file);
  }

  private static Path find(Path folder, String weightFile) {
    Path single = folder.resolve(weightFile);
    Path index = folder.resolve(weightFile + ShardIndex.SUFFIX);
    if (Files.isRegularFile(single)) {
      if (Files.exists(index)) {
        Notes.tell(
            Format.text(
                "%s has %s and %s: the first is read, as transformers does",
                folder, weightFile, index.getFileName()));
      }
      return single;
    }
    if (Files.isRegularFile(index)) {
      return index;
    }
    List<String> others = others(folder);
    if (others.isEmpty()) {
      throw ModelFolder.lacks(folder, weightFile);
    }
    throw new BadInputException(
        Format.text(
            "%s has its weights in %s, not in %s: convert them to safetensors, as by"
                + " save_pretrained of transformers or diffusers, and give that folder",
            folder, String.join(", ", others), weightFile));
  }

  private static List<String> others(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.matches(OTHERS))
          .sorted()
          .limit(3)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
