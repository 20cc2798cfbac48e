package dev.culebra.runtime.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;

/** The bytes of a file that is about to be written. */
@FunctionalInterface
public interface Content {
  /**
   * Writes all bytes in order. The channel takes everything it is given (no partial writes) and
   * must not be closed.
   */
  void writeTo(WritableByteChannel out) throws IOException;

  /** A text in UTF-8. */
  static Content text(String text) {
    return bytes(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Bytes, which the caller leaves as they are. */
  static Content bytes(byte[] bytes) {
    return out -> out.write(ByteBuffer.wrap(bytes));
  }
}
