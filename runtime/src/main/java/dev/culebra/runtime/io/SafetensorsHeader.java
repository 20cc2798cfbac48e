package dev.culebra.runtime.io;

import dev.culebra.runtime.text.Format;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.json.JsonMapper;

/**
 * The JSON header of a safetensors file: free metadata and where each tensor's bytes lie.
 *
 * <pre>{"__metadata__":{"format":"pt"},
 *  "name":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}, ...}</pre>
 *
 * <p>Offsets count from the first byte after the header. As in the reference implementation (<a
 * href="https://github.com/huggingface/safetensors">huggingface/safetensors</a>, {@code tensor.rs})
 * the tensors must cover the data without overlaps and holes; unlike it, a name may not come twice.
 *
 * @param metadata free strings, in the order of the header
 * @param tensors the tensors, in the order of their bytes
 */
record SafetensorsHeader(SequencedMap<String, String> metadata, List<Placed> tensors) {
  /** The longest header in bytes that is read or written, as in the reference implementation. */
  static final int LARGEST = 100_000_000;

  /** The reserved key of the metadata, which no tensor may have as its name. */
  static final String METADATA = "__metadata__";

  private static final int MOST_DIMENSIONS = 64;
  private static final JsonMapper JSON = new JsonMapper();

  /** A tensor and its first byte's offset in the data. */
  record Placed(TensorSpec spec, long begin) {
    long end() {
      return begin + spec.bytes();
    }
  }

  /** What is wrong with a header, without the file's name. */
  static final class Flaw extends Exception {
    Flaw(String message) {
      super(message);
    }
  }

  /** The header's JSON in UTF-8, padded with spaces to a multiple of 8 bytes. */
  byte[] toBytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      if (!metadata.isEmpty()) {
        json.writeName(METADATA);
        json.writeStartObject();
        metadata.forEach(json::writeStringProperty);
        json.writeEndObject();
      }
      for (Placed tensor : tensors) {
        long[] shape = tensor.spec().shape();
        json.writeName(tensor.spec().name());
        json.writeStartObject();
        json.writeStringProperty("dtype", tensor.spec().type().name());
        json.writeName("shape");
        json.writeArray(shape, 0, shape.length);
        json.writeName("data_offsets");
        json.writeArray(new long[] {tensor.begin(), tensor.end()}, 0, 2);
        json.writeEndObject();
      }
      json.writeEndObject();
    }
    while (bytes.size() % 8 != 0) {
      bytes.write(' ');
    }
    return bytes.toByteArray();
  }

  /** Reads and checks a header, known to begin with '{', for so many bytes of data. */
  static SafetensorsHeader parse(String text, long dataBytes) throws Flaw {
    try (JsonParser json = JSON.createParser(text)) {
      json.nextToken();
      SequencedMap<String, String> metadata = new LinkedHashMap<>();
      Map<String, Placed> tensors = new LinkedHashMap<>();
      boolean metadataSeen = false;
      while (json.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = json.currentName();
        json.nextToken();
        if (name.equals(METADATA)) {
          if (metadataSeen) {
            throw new Flaw("its header has two keys " + METADATA);
          }
          metadataSeen = true;
          metadata = readMetadata(json);
        } else if (tensors.putIfAbsent(name, readTensor(name, json)) != null) {
          throw new Flaw("its header names tensor " + IoErrors.quote(name) + " twice");
        }
      }
      if (json.nextToken() != null) {
        throw new Flaw("its header goes on after the closing '}'");
      }
      return new SafetensorsHeader(metadata, inOrder(tensors.values(), dataBytes));
    } catch (JacksonException e) {
      String where =
          e.getLocation() == null ? "" : " at character " + e.getLocation().getCharOffset();
      throw new Flaw(Format.text("its header is not valid JSON%s (%s)", where, Json.reason(e)));
    }
  }

  private static SequencedMap<String, String> readMetadata(JsonParser json) throws Flaw {
    SequencedMap<String, String> metadata = new LinkedHashMap<>();
    if (json.currentToken() == JsonToken.VALUE_NULL) {
      return metadata;
    }
    if (json.currentToken() != JsonToken.START_OBJECT) {
      throw new Flaw("its " + METADATA + " is not a JSON object");
    }
    while (json.nextToken() == JsonToken.PROPERTY_NAME) {
      String key = json.currentName();
      if (json.nextToken() != JsonToken.VALUE_STRING) {
        throw new Flaw("its " + METADATA + " key " + IoErrors.quote(key) + " is not a string");
      }
      if (metadata.putIfAbsent(key, json.getString()) != null) {
        throw new Flaw("its " + METADATA + " has the key " + IoErrors.quote(key) + " twice");
      }
    }
    return metadata;
  }

  private static Placed readTensor(String name, JsonParser json) throws Flaw {
    String tensor = "tensor " + IoErrors.quote(name);
    if (json.currentToken() != JsonToken.START_OBJECT) {
      throw new Flaw(tensor + " is not described by a JSON object");
    }
    StoredType type = null;
    long[] shape = null;
    long[] offsets = null;
    while (json.nextToken() == JsonToken.PROPERTY_NAME) {
      String key = json.currentName();
      boolean again = false;
      switch (key) {
        case "dtype" -> {
          again = type != null;
          type = readType(tensor, json);
        }
        case "shape" -> {
          again = shape != null;
          shape = readSizes(tensor, key, json);
        }
        case "data_offsets" -> {
          again = offsets != null;
          offsets = readSizes(tensor, key, json);
        }
        default -> {
          json.nextToken();
          json.skipChildren();
        }
      }
      if (again) {
        throw new Flaw(tensor + " has the key " + key + " twice");
      }
    }
    if (type == null || shape == null || offsets == null) {
      throw new Flaw(tensor + " lacks one of dtype, shape and data_offsets");
    }
    return place(tensor, name, type, shape, offsets);
  }

  private static StoredType readType(String tensor, JsonParser json) throws Flaw {
    if (json.nextToken() != JsonToken.VALUE_STRING) {
      throw new Flaw("the dtype of " + tensor + " is not a string");
    }
    String text = json.getString();
    return StoredType.named(text)
        .orElseThrow(
            () ->
                new Flaw(
                    tensor
                        + " has the unknown dtype "
                        + IoErrors.quote(text)
                        + " (known: "
                        + Arrays.toString(StoredType.values())
                        + ")"));
  }

  private static long[] readSizes(String tensor, String key, JsonParser json) throws Flaw {
    if (json.nextToken() != JsonToken.START_ARRAY) {
      throw new Flaw("the " + key + " of " + tensor + " is not a JSON array");
    }
    List<Long> sizes = new ArrayList<>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (json.currentToken() != JsonToken.VALUE_NUMBER_INT || json.getLongValue() < 0) {
        throw new Flaw("the " + key + " of " + tensor + " holds something else than sizes");
      }
      if (sizes.size() == MOST_DIMENSIONS) {
        throw new Flaw("the " + key + " of " + tensor + " is longer than " + MOST_DIMENSIONS);
      }
      sizes.add(json.getLongValue());
    }
    return sizes.stream().mapToLong(Long::longValue).toArray();
  }

  private static Placed place(
      String tensor, String name, StoredType type, long[] shape, long[] offsets) throws Flaw {
    if (offsets.length != 2 || offsets[1] < offsets[0]) {
      throw new Flaw(
          "the data_offsets of " + tensor + " are not [begin, end]: " + Arrays.toString(offsets));
    }
    TensorSpec spec;
    try {
      spec = new TensorSpec(name, type, shape);
    } catch (ArithmeticException e) {
      throw new Flaw(tensor + " claims an impossible shape: " + Arrays.toString(shape));
    }
    if (spec.bytes() != offsets[1] - offsets[0]) {
      throw new Flaw(
          Format.text(
              "tensor %s needs %d bytes, but its data_offsets hold %d",
              spec, spec.bytes(), offsets[1] - offsets[0]));
    }
    return new Placed(spec, offsets[0]);
  }

  /** The tensors by their place in the data, which they must cover from first to last byte. */
  private static List<Placed> inOrder(Iterable<Placed> tensors, long dataBytes) throws Flaw {
    List<Placed> ordered = new ArrayList<>();
    tensors.forEach(ordered::add);
    ordered.sort(Comparator.comparingLong(Placed::begin).thenComparingLong(Placed::end));
    long covered = 0;
    for (Placed tensor : ordered) {
      if (tensor.begin() != covered) {
        throw new Flaw(
            Format.text(
                "tensor %s begins at byte %d of the data, %s byte %d",
                IoErrors.quote(tensor.spec().name()),
                tensor.begin(),
                tensor.begin() < covered
                    ? "inside the one before it, which ends at"
                    : "leaving a hole after",
                covered));
      }
      covered = tensor.end();
    }
    if (covered != dataBytes) {
      throw new Flaw(
          Format.text("its tensors need %d bytes, but %d follow the header", covered, dataBytes));
    }
    return List.copyOf(ordered);
  }
}
