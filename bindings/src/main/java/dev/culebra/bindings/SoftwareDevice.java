package dev.culebra.bindings;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The CUDA device in software, for tests: a shared library, compiled from its sources in the jar by
 * this machine's C++ compiler.
 *
 * <p>It is kept in the user's cache (see {@link Caches}), in a folder named after a hash of the
 * sources, the flags and the compiler's version, so it is compiled once per machine and change, and
 * by one process at a time.
 */
public final class SoftwareDevice {

  static final String NAME = "The software CUDA device";
  static final String FILE = "libsoftgpu.so";
  static final String PROPERTY = "culebra.softgpu";
  static final String VARIABLE = "CULEBRA_SOFTGPU";

  private static final String SOURCES = "dev/culebra/native/softgpu/";
  private static final String PLAN = "build.txt";

  /** Exported by the software device and by no library of NVIDIA's. */
  private static final String CONTROL = "softgpu_reset";

  private static final String REPORT = "softgpu_last_report";

  private SoftwareDevice() {}

  /**
   * The library, built now unless it is there.
   *
   * @param variant the name of a line of flags in {@code build.txt}, such as {@code asan}; nothing
   *     for the plain build
   * @return its file
   * @throws CompilerNotFoundException if there is no C++ compiler
   * @throws LibraryBuildException if the sources do not compile, or no cache folder can be written
   */
  public static synchronized Path build(String variant) {
    CxxCompiler compiler = CxxCompiler.find();
    SortedMap<String, byte[]> sources = new TreeMap<>();
    sources.put(PLAN, resource(PLAN));
    BuildPlan plan = BuildPlan.parse(new String(sources.get(PLAN), StandardCharsets.UTF_8));
    plan.files().forEach(file -> sources.put(file, resource(file)));
    return build(new LibraryBuild(NAME, plan, variant, sources, compiler), CacheFolder.inOrder());
  }

  static Path build(LibraryBuild build, List<CacheFolder> caches) {
    List<Attempt> attempts = new ArrayList<>();
    for (CacheFolder cache : caches) {
      try {
        return build.into(cache.subfolder("softgpu-" + build.fingerprint()), FILE);
      } catch (IOException e) {
        attempts.add(
            new Attempt("cache", cache.path().toString(), "cannot be used: " + IoReason.of(e)));
      }
    }
    StringBuilder message = new StringBuilder(NAME + " cannot be built in any cache folder:");
    attempts.forEach(attempt -> message.append("\n  ").append(attempt));
    throw new LibraryBuildException(message.toString(), attempts);
  }

  private static byte[] resource(String file) {
    try (InputStream in =
        SoftwareDevice.class.getClassLoader().getResourceAsStream(SOURCES + file)) {
      if (in == null) {
        throw new LibraryBuildException(
            String.format(
                Locale.ROOT, "%s cannot be built: the class path lacks %s", NAME, SOURCES + file),
            List.of());
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Has the loaded device, if it compiles, do so by the compiler that this machine's user chose.
   */
  static void chooseCompiler() {
    Optional<MemorySegment> control = SymbolLookup.loaderLookup().find("softgpu_set_compiler");
    if (control.isEmpty()) {
      return;
    }
    MethodHandle call =
        Linker.nativeLinker()
            .downcallHandle(control.get(), FunctionDescriptor.ofVoid(ValueLayout.ADDRESS));
    try (Arena arena = Arena.ofConfined()) {
      call.invokeExact(arena.allocateFrom(CxxCompiler.find().program().toString()));
    } catch (RuntimeException e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError("a call of a C function throws nothing", e);
    }
  }

  /**
   * What the software device says of its fault, or of the last call that it refused: kernel, block,
   * thread, line. Empty if there is nothing, or if it is not loaded.
   */
  public static String lastReport() {
    return SymbolLookup.loaderLookup()
        .find(REPORT)
        .map(
            report -> {
              try {
                MethodHandle call =
                    Linker.nativeLinker()
                        .downcallHandle(report, FunctionDescriptor.of(ValueLayout.ADDRESS));
                return ((MemorySegment) call.invokeExact())
                    .reinterpret(Long.MAX_VALUE)
                    .getString(0);
              } catch (Throwable e) {
                throw new AssertionError("a call of a C function throws nothing", e);
              }
            })
        .orElse("");
  }

  /**
   * Makes sure that a loaded library is the software device, for which no other may pass.
   *
   * @throws MissingSymbolException if it lacks the software device's own functions
   */
  static void requireControls(NativeLibrary library) {
    if (SymbolLookup.loaderLookup().find(CONTROL).isEmpty()) {
      throw new MissingSymbolException(library, "version unknown", CONTROL, null);
    }
  }
}
