package dev.culebra.runtime.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.runtime.BadInputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/**
 * Random files come back as they were; randomly damaged ones are refused or read, never a crash.
 */
class SafetensorsPropertyTest {
  private static Path file;

  /** A tensor to write, with its bytes. */
  record Given(TensorSpec spec, MemorySegment bytes) {
    @Override
    public String toString() {
      return spec.toString();
    }
  }

  @BeforeContainer
  static void createFile() throws IOException {
    file = Files.createTempFile("culebra-properties", ".safetensors");
  }

  @AfterContainer
  static void deleteFile() throws IOException {
    Files.delete(file);
  }

  @Property(tries = 300)
  void roundTrip(
      @ForAll("tensors") List<Given> tensors, @ForAll("strings") Map<String, String> free)
      throws IOException {
    SafetensorsWriter writer = new SafetensorsWriter();
    free.forEach(writer::metadata);
    Map<String, Given> byName = new LinkedHashMap<>();
    for (Given tensor : tensors) {
      byName.put(tensor.spec().name(), tensor);
      writer.add(tensor.spec(), tensor.bytes());
    }
    Files.write(file, bytes(writer));
    try (Safetensors read = Safetensors.open(file)) {
      assertThat(read.names()).containsExactlyInAnyOrderElementsOf(byName.keySet());
      assertThat(read.metadata()).containsAllEntriesOf(free).containsKey("format");
      for (Safetensors.Entry entry : read.entries()) {
        Given given = byName.get(entry.spec().name());
        assertThat(entry.type()).isEqualTo(given.spec().type());
        assertThat(entry.shape()).isEqualTo(given.spec().shape());
        assertThat(entry.data().mismatch(given.bytes())).isEqualTo(-1);
      }
    }
  }

  @Property(tries = 20)
  void piecesMakeTheWhole(@ForAll long seed, @ForAll("largeSizes") int size) throws IOException {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    List<Long> offsets = new ArrayList<>();
    SafetensorsWriter writer =
        new SafetensorsWriter()
            .add(
                new TensorSpec("x", StoredType.U8, size),
                (offset, chunk) -> {
                  offsets.add(offset);
                  MemorySegment.copy(
                      MemorySegment.ofArray(bytes), offset, chunk, 0, chunk.byteSize());
                });
    Files.write(file, bytes(writer));
    assertThat(offsets).isSorted().doesNotHaveDuplicates().hasSize((size + (1 << 20) - 1) >> 20);
    try (Safetensors read = Safetensors.open(file)) {
      assertThat(read.entry("x").data().mismatch(MemorySegment.ofArray(bytes))).isEqualTo(-1);
    }
  }

  @Property(tries = 3000)
  void damageIsRefusedOrHarmless(@ForAll("tensors") List<Given> tensors, @ForAll long seed)
      throws IOException {
    SafetensorsWriter writer = new SafetensorsWriter();
    tensors.forEach(tensor -> writer.add(tensor.spec(), tensor.bytes()));
    byte[] whole = bytes(writer);
    byte[] damaged = damage(whole, new Random(seed));
    Files.write(file, damaged);
    try (Safetensors read = Safetensors.open(file)) {
      for (Safetensors.Entry entry : read.entries()) {
        assertThat(entry.data().toArray(ValueLayout.JAVA_BYTE)).hasSize((int) entry.spec().bytes());
      }
      long data = read.entries().stream().mapToLong(entry -> entry.spec().bytes()).sum();
      assertThat(data).isLessThan(damaged.length);
    } catch (BadInputException e) {
      assertThat(e).hasMessageStartingWith(file.toString());
      assertThat(e.getMessage().length()).isLessThan(1500);
    }
  }

  /** Flips, cuts, inserts, overwrites a number, or swaps bytes; mostly within the header. */
  private static byte[] damage(byte[] whole, Random random) {
    ByteBuffer buffer = ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN);
    int header = 8 + (int) buffer.getLong(0);
    int at = random.nextInt(random.nextInt(4) == 0 ? whole.length : header);
    byte[] damaged = whole.clone();
    switch (random.nextInt(6)) {
      case 0 -> damaged[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> damaged = Arrays.copyOf(whole, at);
      case 2 -> {
        damaged = Arrays.copyOf(whole, whole.length + 1);
        System.arraycopy(whole, at, damaged, at + 1, whole.length - at);
        damaged[at] = (byte) random.nextInt(256);
      }
      case 3 -> {
        damaged = Arrays.copyOf(whole, whole.length - 1);
        System.arraycopy(whole, at + 1, damaged, at, whole.length - at - 1);
      }
      case 4 -> ByteBuffer.wrap(damaged).putLong(0, random.nextLong() >>> random.nextInt(64));
      default -> {
        int digit = at;
        while (digit < header && (damaged[digit] < '0' || damaged[digit] > '9')) {
          digit++;
        }
        damaged[Math.min(digit, damaged.length - 1)] = (byte) ('0' + random.nextInt(10));
      }
    }
    return damaged;
  }

  private static byte[] bytes(SafetensorsWriter writer) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      writer.writeTo(Channels.newChannel(out));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  @Provide
  Arbitrary<List<Given>> tensors() {
    Arbitrary<String> names = text().filter(name -> !name.equals("__metadata__"));
    Arbitrary<long[]> shapes = Arbitraries.longs().between(0, 5).array(long[].class).ofMaxSize(4);
    return Combinators.combine(names, Arbitraries.of(StoredType.class), shapes, Arbitraries.longs())
        .as(SafetensorsPropertyTest::given)
        .list()
        .uniqueElements(given -> given.spec().name())
        .ofMaxSize(6);
  }

  @Provide
  Arbitrary<Map<String, String>> strings() {
    return Arbitraries.maps(text(), text()).ofMaxSize(3);
  }

  /** Any text that UTF-8 can hold. */
  private static Arbitrary<String> text() {
    return Arbitraries.strings()
        .ofMaxLength(12)
        .filter(text -> text.codePoints().noneMatch(SafetensorsPropertyTest::isSurrogate));
  }

  private static boolean isSurrogate(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }

  @Provide
  Arbitrary<Integer> largeSizes() {
    return Arbitraries.of(0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, (3 << 20) + 17);
  }

  private static Given given(String name, StoredType type, long[] shape, long seed) {
    TensorSpec spec = new TensorSpec(name, type, shape);
    byte[] bytes = new byte[Math.toIntExact(spec.bytes())];
    new Random(seed).nextBytes(bytes);
    return new Given(spec, MemorySegment.ofArray(bytes));
  }
}
