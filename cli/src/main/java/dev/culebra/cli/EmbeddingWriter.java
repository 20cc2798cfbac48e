package dev.culebra.cli;

import dev.culebra.objectives.pairs.EncoderInput;
import dev.culebra.runtime.io.DurableFiles;
import dev.culebra.runtime.io.Json;
import dev.culebra.runtime.text.Format;
import dev.culebra.train.inference.Embeddings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Embeddings on their way to a file.
 *
 * @param read the texts, as the model reads them
 * @param view is told how far it is
 */
record EmbeddingWriter(
    Embeddings embeddings, List<String> texts, List<EncoderInput> read, ProgressView view) {

  private static final int ALIGNMENT = 64;

  /** Writes NumPy's format, version 1.0: a header, then float32 row by row, little-endian. */
  void array(Path file) throws IOException {
    int width = embeddings.dimension();
    DurableFiles.replace(
        file,
        to -> {
          to.write(ByteBuffer.wrap(header(texts.size(), width)));
          ByteBuffer row = ByteBuffer.allocate(width * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
          each(
              (number, embedding) -> {
                row.clear();
                row.asFloatBuffer().put(embedding);
                to.write(row);
              });
        });
  }

  private static byte[] header(int rows, int width) {
    String dictionary =
        Format.text("{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }", rows, width);
    int before = 10; // magic, version and the header's own length
    int length = Math.ceilDiv(before + dictionary.length() + 1, ALIGNMENT) * ALIGNMENT - before;
    byte[] bytes = new byte[before + length];
    Arrays.fill(bytes, (byte) ' ');
    ByteBuffer.wrap(bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put((byte) 0x93)
        .put("NUMPY".getBytes(StandardCharsets.US_ASCII))
        .put((byte) 1)
        .put((byte) 0)
        .putShort((short) length)
        .put(dictionary.getBytes(StandardCharsets.US_ASCII));
    bytes[bytes.length - 1] = '\n';
    return bytes;
  }

  /** Writes an object of text and embedding per line. */
  void lines(Path file) throws IOException {
    DurableFiles.replace(
        file, to -> each((number, embedding) -> write(to, line(number, embedding) + "\n")));
  }

  /** Prints an object of text and embedding per line. */
  void lines(PrintWriter to) throws IOException {
    each((number, embedding) -> to.println(line(number, embedding)));
  }

  private static void write(WritableByteChannel to, String line) throws IOException {
    to.write(ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)));
  }

  private String line(int number, float[] embedding) {
    ObjectNode object = Json.MAPPER.createObjectNode().put("text", texts.get(number));
    ArrayNode values = object.putArray("embedding");
    for (float value : embedding) {
      values.add(value);
    }
    return Json.MAPPER.writeValueAsString(object);
  }

  private void each(Embeddings.Sink sink) throws IOException {
    view.begin("embed", 0, texts.size());
    embeddings.embed(
        read,
        (number, embedding) -> {
          sink.take(number, embedding);
          view.step(number + 1L, "texts");
        });
  }
}
