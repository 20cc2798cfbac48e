package dev.culebra.bindings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class NativeLibraryTest {

  private static final NativeLibrary LIBRARY =
      new NativeLibrary(
          "OpenBLAS",
          Path.of("/opt/libopenblas.so.0"),
          "culebra.openblas",
          "CULEBRA_OPENBLAS",
          List.of(Attempt.succeeded("system", "/opt/libopenblas.so.0")));

  /** Looks a symbol up as a generated binding does. */
  private static final class Binding {
    static final MemorySegment ADDRESS =
        SymbolLookup.loaderLookup().findOrThrow("culebra_no_such_function");
  }

  private static final class Broken {
    static final int VALUE = Integer.parseInt("broken");
  }

  @Test
  void aMissingSymbolIsNamedAtEveryCall() {
    for (int call = 0; call < 3; call++) {
      MissingSymbolException e =
          catchThrowableOfType(
              MissingSymbolException.class,
              () -> LIBRARY.call("OpenBLAS 0.1", () -> Binding.ADDRESS));

      assertThat(e)
          .hasMessage(
              "/opt/libopenblas.so.0 (OpenBLAS, OpenBLAS 0.1) does not export"
                  + " culebra_no_such_function; set the property culebra.openblas or the"
                  + " environment variable CULEBRA_OPENBLAS to another file.");
      assertThat(e.symbol()).isEqualTo("culebra_no_such_function");
      assertThat(e.attempts()).isEqualTo(LIBRARY.attempts());
    }
  }

  @Test
  void otherFailuresPassUnchanged() {
    assertThatThrownBy(() -> LIBRARY.call("", () -> Broken.VALUE))
        .isInstanceOf(ExceptionInInitializerError.class)
        .hasRootCauseInstanceOf(NumberFormatException.class);
  }
}
