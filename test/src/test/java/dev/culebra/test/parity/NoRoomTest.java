package dev.culebra.test.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.models.ModelFolder;
import dev.culebra.models.decoder.DecoderFamily;
import dev.culebra.models.decoder.DecoderShape;
import dev.culebra.models.nn.KvCache;
import dev.culebra.models.nn.Rotary;
import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.device.OutOfDeviceMemoryException;
import dev.culebra.runtime.kernel.AdamW;
import dev.culebra.runtime.optim.AdamWOptimizer;
import dev.culebra.runtime.optim.MuonOptimizer;
import dev.culebra.runtime.tensor.Initializer;
import dev.culebra.runtime.tensor.Parameter.Kind;
import dev.culebra.runtime.tensor.Parameters;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What needs several pieces of a device's memory gives back the first if there is no other. */
final class NoRoomTest {

  private static final AdamW ADAMW = new AdamW(0.9f, 0.95f, 1e-8f, 0.1f);

  /** Something that takes memory, which closing gives back. */
  private record Taker(String name, Function<Device, AutoCloseable> made) {
    @Override
    public String toString() {
      return name;
    }
  }

  /** The processor, with room for so many allocations. */
  private static final class Room {
    private int left;

    Device of(CpuDevice device) {
      return (Device)
          Proxy.newProxyInstance(
              Device.class.getClassLoader(),
              new Class<?>[] {Device.class},
              (_, method, arguments) -> {
                if (method.getName().equals("allocate") && left-- == 0) {
                  throw new OutOfDeviceMemoryException(
                      "cpu", (String) arguments[0], 1, device.memory());
                }
                try {
                  return method.invoke(device, arguments);
                } catch (InvocationTargetException e) {
                  throw e.getCause();
                }
              });
    }
  }

  private static Stream<Taker> takers() {
    Stream<Taker> folders =
        Stream.of(
                "gpt2",
                "llama",
                "bert",
                "t5",
                "t5-first",
                "bart",
                "vit-bert",
                "dit",
                "config/electra-wide",
                "config/clip-no-end")
            .map(name -> new Taker(name, device -> ModelFolder.load(golden(name), device)));
    Stream<Taker> others =
        Stream.of(
            new Taker("weights", device -> parameters(device)),
            new Taker(
                "keys and values",
                device ->
                    new KvCache(device, shape().stack(), shape().layers(), shape().context())));
    return Stream.concat(folders, others);
  }

  private static Path golden(String name) {
    try {
      return Path.of(
          Objects.requireNonNull(NoRoomTest.class.getResource("/golden/" + name)).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static DecoderShape shape() {
    return new DecoderShape(DecoderFamily.LLAMA, 9, 8, 8, 1, 2, 1, 8, 1e-5, Rotary.of(1e4), true);
  }

  private static Parameters parameters(Device device) {
    Parameters parameters = new Parameters();
    parameters.add(Kind.HIDDEN, "hidden", Initializer.ones(), 4, 4);
    parameters.add(Kind.NORM, "norm", Initializer.ones(), 4);
    parameters.allocate(device);
    return parameters;
  }

  private static List<String> held(Device device) {
    return device.memory().holders().stream()
        .map(holder -> holder.name())
        .filter(name -> !name.startsWith("workspace"))
        .toList();
  }

  private static int fill(CpuDevice real, Taker taker) throws Exception {
    List<String> before = held(real);
    Room room = new Room();
    Device device = room.of(real);
    for (int allocations = 0; ; allocations++) {
      room.left = allocations;
      try (AutoCloseable _ = taker.made.apply(device)) {
        assertThat(held(real)).hasSizeGreaterThan(before.size());
      } catch (OutOfDeviceMemoryException e) {
        assertThat(held(real)).as("%s after %d allocations", taker, allocations).isEqualTo(before);
        continue;
      }
      assertThat(held(real)).as("%s closed", taker).isEqualTo(before);
      return allocations;
    }
  }

  @ParameterizedTest
  @MethodSource("takers")
  void everythingOrNothingIsTaken(Taker taker) throws Exception {
    try (CpuDevice real = CpuDevice.open(1)) {
      assertThat(fill(real, taker)).isGreaterThan(1);
    }
  }

  @Test
  void optimizersTakeAllOrNothing() throws Exception {
    try (CpuDevice real = CpuDevice.open(1);
        Parameters parameters = parameters(real)) {
      Taker adamW =
          new Taker(
              "AdamW", device -> closing(new AdamWOptimizer(device, parameters, ADAMW)::close));
      Taker muon =
          new Taker("Muon", device -> closing(new MuonOptimizer(device, parameters, ADAMW)::close));
      assertThat(fill(real, adamW)).isEqualTo(2);
      assertThat(fill(real, muon)).isEqualTo(3);
    }
  }

  private static AutoCloseable closing(Runnable close) {
    return close::run;
  }

  @Test
  void weightsThatFoundNoRoomCanBeClosedAndFindItLater() {
    try (CpuDevice real = CpuDevice.open(1)) {
      Parameters parameters = new Parameters();
      parameters.close();
      parameters.add(Kind.HIDDEN, "hidden", Initializer.ones(), 4, 4);
      Room room = new Room();
      room.left = 1;
      Device device = room.of(real);
      assertThatThrownBy(() -> parameters.allocate(device))
          .isInstanceOf(OutOfDeviceMemoryException.class);
      parameters.close();
      room.left = 9;
      parameters.allocate(device);
      parameters.initialize(1);
      parameters.close();
      assertThat(held(real)).isEmpty();
    }
  }
}
