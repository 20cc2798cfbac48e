package dev.culebra.data.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.culebra.runtime.io.DurableFiles;
import dev.culebra.runtime.io.Json;
import dev.culebra.runtime.text.Format;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Every byte is as Pillow has it, every number as transformers has it. */
class PillowTest {
  @TempDir Path folder;

  @TestFactory
  Stream<DynamicTest> decodesAsPillow() {
    return Golden.cases("decoded")
        .map(one -> DynamicTest.dynamicTest(one.get("name").asString(), () -> decode(one)));
  }

  private void decode(JsonNode one) throws IOException {
    Path file = Files.write(folder.resolve("any.png"), Golden.bytes(one, "file"));
    Pixels pixels = ImageFile.read(file);
    assertThat(pixels.width()).isEqualTo(one.get("width").intValue());
    assertThat(pixels.height()).isEqualTo(one.get("height").intValue());
    assertThat(pixels.bytes()).isEqualTo(Golden.bytes(one, "rgb"));
    assertThat(pixels.withChannels(1).bytes()).isEqualTo(Golden.bytes(one, "grey"));
  }

  @TestFactory
  Stream<DynamicTest> resizesAsPillow() {
    return Golden.cases("resized")
        .map(one -> DynamicTest.dynamicTest(name(one), () -> resize(one)));
  }

  private static String name(JsonNode one) {
    return Format.text(
        "%s of %s channels to %s x %s",
        one.get("filter"), one.get("channels"), one.get("width"), one.get("height"));
  }

  private static void resize(JsonNode one) {
    Resample filter =
        Arrays.stream(Resample.values())
            .filter(f -> f.number() == one.get("filter").intValue())
            .findFirst()
            .get();
    Pixels source = new Pixels(23, 17, one.get("channels").intValue(), Golden.bytes(one, "source"));
    Pixels resized =
        filter.resize(source, one.get("width").intValue(), one.get("height").intValue());
    assertThat(resized.bytes()).isEqualTo(Golden.bytes(one, "pixels"));
  }

  @TestFactory
  Stream<DynamicTest> processesAsTransformers() {
    return Golden.cases("processed")
        .map(one -> DynamicTest.dynamicTest(one.get("config").toString(), () -> process(one)));
  }

  private void process(JsonNode one) throws IOException {
    DurableFiles.replace(folder.resolve(PreprocessorConfig.FILE), Json.content(one.get("config")));
    Preprocessing how = PreprocessorConfig.read(folder);
    Pixels source =
        new Pixels(
            one.get("width").intValue(),
            one.get("height").intValue(),
            3,
            Golden.bytes(one, "source"));
    assertSame(one, how, source);
    // What is written back means the same.
    DurableFiles.replace(
        folder.resolve(PreprocessorConfig.FILE), Json.content(PreprocessorConfig.write(how)));
    assertThat(PreprocessorConfig.read(folder)).isEqualTo(how);
  }

  private static void assertSame(JsonNode one, Preprocessing how, Pixels source) {
    Pixels pixels = how.apply(source, "here");
    assertThat(pixels.height()).isEqualTo(one.get("shape").get(1).intValue());
    assertThat(pixels.width()).isEqualTo(one.get("shape").get(2).intValue());
    FloatBuffer expected =
        ByteBuffer.wrap(Golden.bytes(one, "values")).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    for (int channel = 0; channel < 3; channel++) {
      float[] table = how.normalisation().table(channel);
      for (int i = channel; i < pixels.bytes().length; i += 3) {
        assertThat(table[pixels.bytes()[i] & 0xFF]).isCloseTo(expected.get(), within(1e-6f));
      }
    }
  }
}
