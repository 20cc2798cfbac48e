package dev.culebra.models;

import dev.culebra.models.dual.TextEncoders;
import dev.culebra.models.nn.Model;
import dev.culebra.models.nn.Pooler;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.io.DurableFiles;
import dev.culebra.runtime.io.Json;
import dev.culebra.runtime.io.SafetensorsWriter;
import dev.culebra.runtime.io.ShardIndex;
import dev.culebra.runtime.io.StoredTensors;
import dev.culebra.runtime.tensor.WeightFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/**
 * A folder of two encoders, one for queries and one for documents: as sentence-transformers' module
 * Router has it, each encoder lies as a BertModel in a folder of its own.
 */
public final class RoutedFolder {

  /** What sentence-transformers reads of its routes; in a folder of ours beside a configuration. */
  public static final String ROUTER = "router_config.json";

  /** Where the encoder of queries lies. */
  public static final String QUERY = "query_0_Transformer";

  /** Where the encoder of documents lies. */
  public static final String DOCUMENT = "document_0_Transformer";

  /** The folders of both. */
  public static final List<String> PARTS = List.of(QUERY, DOCUMENT);

  private RoutedFolder() {}

  /** Whether a folder is one that was written here: those of others have no configuration. */
  static boolean is(Path folder) {
    return Files.isRegularFile(folder.resolve(ROUTER))
        && Files.isRegularFile(folder.resolve(ModelFolder.CONFIG));
  }

  private static String prefix(String part) {
    return part.equals(QUERY) ? TextEncoders.QUERIES : TextEncoders.KEYS;
  }

  /** Writes weights and configuration of both encoders. */
  static void save(
      Path folder, Device device, TextEncoders model, Model.TokenIds ids, long largestFile)
      throws IOException {
    for (String part : PARTS) {
      Path place = folder.resolve(part);
      Files.createDirectories(place);
      String prefix = prefix(part);
      SafetensorsWriter weights =
          WeightFile.of(
              device,
              model.parameters(),
              name ->
                  name.startsWith(prefix) ? List.of(name.substring(prefix.length())) : List.of());
      Pooler.addIdentity(weights, model.dimension());
      ShardIndex.write(place.resolve(ModelFolder.WEIGHTS), weights, largestFile);
      DurableFiles.replace(
          place.resolve(ModelFolder.CONFIG), Json.content(model.encoderConfig(ids)));
    }
    // What earlier versions wrote would be read in their place.
    Path whole = folder.resolve(ModelFolder.WEIGHTS);
    Files.deleteIfExists(whole);
    Files.deleteIfExists(whole.resolveSibling(ModelFolder.WEIGHTS + ShardIndex.SUFFIX));
  }

  /** Opens the weights of both under the names of one model. */
  static StoredTensors open(Path folder) {
    return joined(
        joined(part(folder, QUERY), () -> part(folder, DOCUMENT)),
        () -> StoredTensors.open(folder.resolve(FolderWeights.OWN)));
  }

  private static StoredTensors part(Path folder, String part) {
    return FolderWeights.open(folder.resolve(part), ModelFolder.WEIGHTS)
        .renamed(name -> prefix(part) + name);
  }

  private static StoredTensors joined(StoredTensors first, Supplier<StoredTensors> second) {
    try {
      return first.with(second.get());
    } catch (RuntimeException e) {
      first.close();
      throw e;
    }
  }
}
