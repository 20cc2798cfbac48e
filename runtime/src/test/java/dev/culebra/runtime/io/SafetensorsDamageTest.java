package dev.culebra.runtime.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Truncated, tampered and foreign files: each is refused with a sentence that says what is wrong.
 */
class SafetensorsDamageTest {
  @TempDir Path folder;

  @ParameterizedTest(name = "{1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          []                                                                  | does not begin with '{'
           {}                                                                 | its tensors need 0 bytes, but 24 follow
          {                                                                   | not valid JSON at character
          {"a"                                                                | not valid JSON at character
          {} {}                                                               | goes on after the closing '}'
          {"a":1}                                                             | tensor "a" is not described by a JSON object
          {"a":{"dtype":"F32","shape":[6]}}                                   | tensor "a" lacks one of dtype, shape and data_offsets
          {"a":{"dtype":"F99","shape":[6],"data_offsets":[0,24]}}             | tensor "a" has the unknown dtype "F99"
          {"a":{"dtype":7,"shape":[6],"data_offsets":[0,24]}}                 | the dtype of tensor "a" is not a string
          {"a":{"dtype":"F32","shape":6,"data_offsets":[0,24]}}               | the shape of tensor "a" is not a JSON array
          {"a":{"dtype":"F32","shape":[6.0],"data_offsets":[0,24]}}           | the shape of tensor "a" holds something else than sizes
          {"a":{"dtype":"F32","shape":[-6],"data_offsets":[0,24]}}            | the shape of tensor "a" holds something else than sizes
          {"a":{"dtype":"F32","shape":[[6]],"data_offsets":[0,24]}}           | the shape of tensor "a" holds something else than sizes
          {"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,24]}} | not valid JSON at character
          {"a":{"dtype":"F32","shape":[6],"shape":[6],"data_offsets":[0,24]}} | tensor "a" has the key shape twice
          {"a":{"dtype":"F32","shape":[5],"data_offsets":[0,24]}}             | tensor "a" F32 [5] needs 20 bytes, but its data_offsets hold 24
          {"a":{"dtype":"F32","shape":[6],"data_offsets":[0]}}                | the data_offsets of tensor "a" are not [begin, end]: [0]
          {"a":{"dtype":"F32","shape":[6],"data_offsets":[24,0]}}             | the data_offsets of tensor "a" are not [begin, end]: [24, 0]
          {"a":{"dtype":"F32","shape":[4611686018427387904,4,4],"data_offsets":[0,24]}} | tensor "a" claims an impossible shape
          {"a":{"dtype":"F32","shape":[288230376151711744],"data_offsets":[0,1152921504606846976]}} | its tensors need 1152921504606846976 bytes, but 24 follow
          {"a":{"dtype":"F32","shape":[5],"data_offsets":[0,20]}}             | its tensors need 20 bytes, but 24 follow the header
          {"a":{"dtype":"F32","shape":[5],"data_offsets":[4,24]}}             | tensor "a" begins at byte 4 of the data, leaving a hole after byte 0
          {"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"b":{"dtype":"F32","shape":[3],"data_offsets":[12,24]}} | tensor "b" begins at byte 12 of the data, inside the one before it, which ends at byte 16
          {"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]},"a":{"dtype":"F32","shape":[3],"data_offsets":[12,24]}} | names tensor "a" twice
          {"\\udc00":{"dtype":"F32","shape":[6],"data_offsets":[0,24]}}       | not valid JSON at character
          {"__metadata__":[]}                                                 | its __metadata__ is not a JSON object
          {"__metadata__":{"a":1}}                                            | its __metadata__ key "a" is not a string
          {"__metadata__":{"a":"","a":""}}                                    | its __metadata__ has the key "a" twice
          {"__metadata__":{},"__metadata__":{}}                               | two keys __metadata__
          """)
  void refusesHeader(String header, String complaint) throws IOException {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    assertRefused(file(text.length, text, 24), complaint);
  }

  @Test
  void refusesMoreThan64Dimensions() throws IOException {
    String shape = "1,".repeat(64) + "6";
    byte[] text =
        Format.text("{\"a\":{\"dtype\":\"F32\",\"shape\":[%s],\"data_offsets\":[0,24]}}", shape)
            .getBytes(StandardCharsets.UTF_8);
    assertRefused(file(text.length, text, 24), "the shape of tensor \"a\" is longer than 64");
  }

  @Test
  void refusesDeeplyNestedJson() throws IOException {
    byte[] text = ("{\"a\":{\"x\":" + "[".repeat(100_000)).getBytes(StandardCharsets.UTF_8);
    assertRefused(file(text.length, text, 0), "its header is not valid JSON (");
  }

  @Test
  void refusesBytesThatAreNotUtf8() throws IOException {
    byte[] text = {'{', '"', (byte) 0xff, '"', '}'};
    assertRefused(file(text.length, text, 0), "its header is not UTF-8");
  }

  @Test
  void refusesLengthsThatTheFileDoesNotHold() throws IOException {
    byte[] text = "{}".getBytes(StandardCharsets.UTF_8);
    assertRefused(file(3, text, 0), "should have 3 bytes, but the file ends after 2 of them");
    assertRefused(file(100_000_001, text, 0), "claim a header of 100000001 bytes, over the limit");
    assertRefused(file(1L << 60, text, 0), "claim a header of 1152921504606846976 bytes");
    assertRefused(file(-1, text, 0), "claim a header of 18446744073709551615 bytes");
  }

  @Test
  void refusesWhatIsNoSafetensorsFile() throws IOException {
    assertRefused(new byte[0], "it has 0 bytes");
    assertRefused(new byte[7], "it has 7 bytes");
    assertRefused(new byte[8], "its header does not begin with '{'");
    assertRefused("PK\3\4 and so on".getBytes(StandardCharsets.UTF_8), "looks like a PyTorch file");
    assertRefused(
        "version https://git-lfs.github.com/spec/v1".getBytes(StandardCharsets.UTF_8),
        "git lfs pull");
    assertThatThrownBy(() -> Safetensors.open(folder))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(folder + " is not a usable safetensors file: it is a folder");
    assertThatThrownBy(() -> Safetensors.open(folder.resolve("none")))
        .isInstanceOf(BadInputException.class)
        .hasMessage(
            "Cannot read the model file %s: no such file or folder.", folder.resolve("none"));
  }

  @Test
  void acceptsWhatTheReferenceAccepts() throws IOException {
    String header =
        """
        {"b":{"data_offsets":[16,24],"x":{"y":[1]},"shape":[1,4],"dtype":"F16"},
         "z":{"dtype":"F32","shape":[0],"data_offsets":[16,16]},
         "a":{"dtype":"F64","shape":[2],"data_offsets":[0,16]},"__metadata__":null}
        """;
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    Path path = Files.write(folder.resolve("odd.safetensors"), file(text.length, text, 24));
    try (Safetensors file = Safetensors.open(path)) {
      assertThat(file.names()).containsExactly("a", "z", "b");
      assertThat(file.metadata()).isEmpty();
    }
  }

  private void assertRefused(byte[] bytes, String complaint) throws IOException {
    Path file = Files.write(folder.resolve("bad.safetensors"), bytes);
    assertThatThrownBy(() -> Safetensors.open(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageStartingWith(file + " is not a usable safetensors file: ")
        .hasMessageContaining(complaint);
  }

  private static byte[] file(long length, byte[] header, int dataBytes) {
    return ByteBuffer.allocate(8 + header.length + dataBytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(length)
        .put(header)
        .array();
  }
}
