package dev.culebra.runtime.io;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * The tensors of one or several safetensors files, under the names by which a reader knows them.
 * Complaints name the file that holds a tensor, and the tensor's name there.
 */
public final class StoredTensors implements AutoCloseable {

  private final Path origin;
  private final List<Safetensors> files;
  private final SequencedMap<String, Place> places;

  /** Where a tensor lies, and what it is called there. */
  private record Place(Safetensors file, String name) {}

  private StoredTensors(Path origin, List<Safetensors> files, SequencedMap<String, Place> places) {
    this.origin = origin;
    this.files = files;
    this.places = places;
  }

  /** The tensors of an open file, which the caller closes. */
  public static StoredTensors of(Safetensors file) {
    return new StoredTensors(file.path(), List.of(), places(List.of(file)));
  }

  /**
   * Opens a file, or all the shards of an index.
   *
   * @param file of tensors, or {@code NAME.safetensors.index.json}
   * @param beside further files, of which those are read that exist
   * @throws BadInputException if a file cannot be used, if the index and its shards do not agree,
   *     or if a tensor lies in two of the files
   */
  public static StoredTensors open(Path file, Path... beside) {
    List<Safetensors> opened = new ArrayList<>();
    try {
      if (ShardIndex.is(file)) {
        ShardIndex.read(file).open(opened);
      } else {
        opened.add(Safetensors.open(file));
      }
      for (Path other : beside) {
        if (Files.isRegularFile(other)) {
          opened.add(Safetensors.open(other));
        }
      }
      return new StoredTensors(file, List.copyOf(opened), places(opened));
    } catch (RuntimeException e) {
      opened.forEach(Safetensors::close);
      throw e;
    }
  }

  private static SequencedMap<String, Place> places(List<Safetensors> files) {
    SequencedMap<String, Place> places = new LinkedHashMap<>();
    for (Safetensors file : files) {
      for (String name : file.names()) {
        put(places, name, new Place(file, name));
      }
    }
    return places;
  }

  private static void put(SequencedMap<String, Place> places, String name, Place place) {
    Place other = places.putIfAbsent(name, place);
    if (other != null) {
      throw new BadInputException(
          Format.text(
              "%s holds tensor %s, and %s holds %s, which is the same one: take one of them away",
              other.file, other.name, place.file, place.name));
    }
  }

  /**
   * The same tensors under other names; closing either closes the files.
   *
   * @param naming the name for the reader of a name in a file
   * @throws BadInputException if two tensors get the same name
   */
  public StoredTensors renamed(UnaryOperator<String> naming) {
    SequencedMap<String, Place> renamed = new LinkedHashMap<>();
    places.forEach((name, place) -> put(renamed, naming.apply(name), place));
    return new StoredTensors(origin, files, renamed);
  }

  /**
   * These tensors and others; closing it closes the files of both.
   *
   * @throws BadInputException if both have one of a name
   */
  public StoredTensors with(StoredTensors others) {
    SequencedMap<String, Place> all = new LinkedHashMap<>(places);
    others.places.forEach((name, place) -> put(all, name, place));
    return new StoredTensors(
        origin, Stream.concat(files.stream(), others.files.stream()).toList(), all);
  }

  /** The names, file by file in the order of their bytes. */
  public SequencedSet<String> names() {
    return Collections.unmodifiableSequencedMap(places).sequencedKeySet();
  }

  /** Whether there is a tensor of this name. */
  public boolean contains(String name) {
    return places.containsKey(name);
  }

  /** Element type and shape of a tensor, with its name in its file. */
  public TensorSpec spec(String name) {
    return entry(name).spec();
  }

  /** The bytes of a tensor; see {@link Safetensors.Entry#data}. */
  public MemorySegment data(String name) {
    return entry(name).data();
  }

  /** Whether a tensor holds floating-point numbers of a type that {@link #readFloats} reads. */
  public boolean holdsFloats(String name) {
    return FloatConversion.isFloat(spec(name).type());
  }

  /** Reads a tensor as float32; see {@link Safetensors#readFloats}. */
  public void readFloats(String name, MemorySegment target) {
    Place place = places.get(name);
    place.file.readFloats(place.name, target);
  }

  private Safetensors.Entry entry(String name) {
    Place place = places.get(name);
    return place.file.entry(place.name);
  }

  /** A tensor with its file, for complaints: {@code FILE: tensor "name" F32 [2, 3]}. */
  public String described(String name) {
    return Format.text("%s: tensor %s", places.get(name).file, spec(name));
  }

  /** Closes the files that were opened. */
  @Override
  public void close() {
    files.forEach(Safetensors::close);
  }

  /** The file that was asked for. */
  @Override
  public String toString() {
    return origin.toString();
  }
}
