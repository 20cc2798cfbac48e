package dev.culebra.runtime.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.runtime.BadInputException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The format, against a file that the reference implementation wrote ({@code golden.py}). */
class SafetensorsTest {
  @TempDir Path folder;
  private Path golden;

  @BeforeEach
  void copyGolden() throws IOException {
    golden = folder.resolve("golden.safetensors");
    try (InputStream in = SafetensorsTest.class.getResourceAsStream("golden.safetensors")) {
      Files.copy(in, golden);
    }
  }

  @Test
  void readsNamesShapesTypesAndMetadata() {
    try (Safetensors file = Safetensors.open(golden)) {
      assertThat(file.names())
          .containsExactly(
              "i64", "f64", "empty", "f32", "scalar", "bf16", "f16", "ünïcode \"name\" 𝛼", "bool");
      assertThat(file.metadata()).containsExactly(Map.entry("format", "pt"));
      assertThat(file.entry("bf16").shape()).containsExactly(3, 2);
      assertThat(file.entry("bf16").type()).isEqualTo(StoredType.BF16);
      assertThat(file.entry("scalar").shape()).isEmpty();
      assertThat(file.entry("scalar").spec().elements()).isEqualTo(1);
      assertThat(file.entry("empty").shape()).containsExactly(0, 3);
      assertThat(file.entry("empty").data().byteSize()).isZero();
      assertThat(file.entry("bool").data().toArray(ValueLayout.JAVA_BYTE)).containsExactly(1, 0, 1);
      assertThat(file.entry("i64").data().toArray(ValueLayout.JAVA_LONG_UNALIGNED))
          .containsExactly(-1, 1L << 62, 3, Long.MIN_VALUE);
    }
  }

  @Test
  void readsEveryFloatTypeAsFloat32() {
    float infinity = Float.POSITIVE_INFINITY;
    assertThat(floats("f32"))
        .containsExactly(1.5f, -0.0f, Float.MAX_VALUE, Float.MIN_VALUE, infinity, -infinity);
    assertThat(floats("f16"))
        .containsExactly(0f, -0f, 1f, -1.5f, 65504f, 0x1p-14f, 0x1p-24f, infinity, Float.NaN);
    assertThat(floats("bf16"))
        .containsExactly(
            1f,
            -2f,
            3.140625f,
            Float.intBitsToFloat(0x10000),
            Float.intBitsToFloat(0x7f7f0000),
            -infinity);
    assertThat(floats("f64")).containsExactly(0.1f, 0f, -1f);
    assertThat(floats("scalar")).containsExactly(-2.5f);
    assertThat(floats("empty")).isEmpty();
  }

  @Test
  void writesTheSameBytesAsTheReferenceImplementation() throws IOException {
    Path copy = folder.resolve("copy.safetensors");
    try (Safetensors file = Safetensors.open(golden)) {
      SafetensorsWriter writer = new SafetensorsWriter();
      file.entries().reversed().forEach(entry -> writer.add(entry.spec(), entry.data()));
      writer.write(copy);
    }
    assertThat(copy).hasSameBinaryContentAs(golden);
  }

  @Test
  void mayReplaceAFileThatIsOpen() throws IOException {
    try (Safetensors before = Safetensors.open(golden)) {
      new SafetensorsWriter().write(golden);
      assertThat(before.entry("scalar").data().get(ValueLayout.JAVA_FLOAT_UNALIGNED, 0))
          .isEqualTo(-2.5f);
    }
    try (Safetensors after = Safetensors.open(golden)) {
      assertThat(after.names()).isEmpty();
    }
  }

  @Test
  void namesTheFileAndTheTensorThatIsMissingOrOfAnotherType() {
    try (Safetensors file = Safetensors.open(golden)) {
      assertThatThrownBy(() -> file.entry("h.0\n"))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining(golden + " holds no tensor \"h.0\\u000a\"");
      assertThatThrownBy(() -> file.readFloats("i64", MemorySegment.ofArray(new float[4])))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("tensor \"i64\" I64 [2, 2] should hold floating-point numbers");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> file.readFloats("f32", MemorySegment.ofArray(new float[7])));
    }
  }

  @Test
  void refusesF64ThatFloat32CannotHold() throws IOException {
    double[] values = {Double.POSITIVE_INFINITY, 0x1.ffffffp127};
    Path file = folder.resolve("wide.safetensors");
    new SafetensorsWriter()
        .add(new TensorSpec("wide", StoredType.F64, 2), MemorySegment.ofArray(values))
        .write(file);
    try (Safetensors wide = Safetensors.open(file)) {
      assertThatThrownBy(() -> wide.readFloats("wide", MemorySegment.ofArray(new float[2])))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("element 1 of tensor \"wide\" F64 [2] is too large for float32");
    }
  }

  @Test
  void isClosedOnceAndForAll() {
    Safetensors file = Safetensors.open(golden);
    MemorySegment data = file.entry("scalar").data();
    file.close();
    file.close();
    assertThatThrownBy(() -> data.get(ValueLayout.JAVA_BYTE, 0))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> file.entry("scalar"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("has been closed");
  }

  @Test
  void refusesTensorsThatCannotBeWritten() {
    SafetensorsWriter writer = new SafetensorsWriter();
    TensorSpec spec = new TensorSpec("a", StoredType.F32, 2);
    MemorySegment data = MemorySegment.ofArray(new float[2]);
    writer.add(spec, data);
    assertThatIllegalArgumentException().isThrownBy(() -> writer.add(spec, data));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> writer.add(new TensorSpec("b", StoredType.F32, 3), data));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> writer.add(new TensorSpec("__metadata__", StoredType.F32, 2), data));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TensorSpec("\ud800", StoredType.F32, 2));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TensorSpec("c", StoredType.F32, 2, -1));
    assertThatThrownBy(() -> new TensorSpec("d", StoredType.F32, Long.MAX_VALUE / 2))
        .isInstanceOf(ArithmeticException.class);
  }

  private float[] floats(String name) {
    try (Safetensors file = Safetensors.open(golden)) {
      float[] values = new float[Math.toIntExact(file.entry(name).spec().elements())];
      Arrays.fill(values, 42f);
      file.readFloats(name, MemorySegment.ofArray(values));
      return values;
    }
  }
}
