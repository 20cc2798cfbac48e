package dev.culebra.test.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher with JDKs and a Maven that only say how they were called. */
final class LauncherTest {

  private static final String ECHO = "#!/bin/sh\nprintf '%s\\n' \"$0\" \"$@\"\n";

  @TempDir Path folder;
  private Path home;
  private Path script;

  @BeforeEach
  void copyLauncher() throws IOException {
    home = Files.createDirectory(folder.resolve("the home"));
    script = home.resolve("culebra");
    Files.copy(Launched.SCRIPT, script, StandardCopyOption.COPY_ATTRIBUTES);
  }

  private Path jdk(String name, String version) throws IOException {
    Path jdk = folder.resolve(name);
    executable(jdk.resolve("bin/java"), ECHO);
    Files.writeString(
        jdk.resolve("release"), "IMPLEMENTOR=\"Nobody\"\nJAVA_VERSION=\"" + version + "\"\n");
    return jdk;
  }

  private static void executable(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Path build(Path app) throws IOException {
    Files.createDirectories(app);
    return Files.writeString(app.resolve("jvm.options"), "");
  }

  private Outcome launch(Map<String, String> environment, String... args) throws Exception {
    return Launched.run(
        folder, environment, Stream.concat(Stream.of(script.toString()), Stream.of(args)).toList());
  }

  @Test
  void passesOptionsAndArgumentsOn() throws Exception {
    Path app = home.resolve("cli/target/app");
    build(app);
    Path jdk = jdk("jdk", "25.0.3");
    Outcome outcome =
        launch(
            Launched.environment(
                "CULEBRA_JAVA_HOME", jdk.toString(), "CULEBRA_JAVA_OPTIONS", "-Da=1 -Db=2"),
            "generate",
            "a run",
            "--prompt",
            "Call me; $HOME *");
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.out().lines())
        .startsWith(
            jdk.resolve("bin/java").toString(),
            "@" + app.resolve("jvm.options"),
            "-XX:AOTCache=" + app.resolve("culebra.aot"))
        .contains("-Dculebra.home=" + home)
        .containsSequence("-Da=1", "-Db=2", "-cp", app.resolve("lib/culebra.jar").toString())
        .endsWith("dev.culebra.cli.Main", "generate", "a run", "--prompt", "Call me; $HOME *");
    assertThat(outcome.out()).doesNotContain("culebra.columns");
  }

  @Test
  void worksThroughLinksFromAnywhere() throws Exception {
    build(home.resolve("cli/target/app"));
    Path first = folder.resolve("bin/first");
    Files.createDirectories(first.getParent());
    Files.createSymbolicLink(first, Path.of("../the home/culebra"));
    Path second = Files.createSymbolicLink(folder.resolve("second"), first);
    Outcome outcome =
        Launched.run(
            folder,
            Launched.environment("JAVA_HOME", jdk("jdk", "26-ea").toString()),
            List.of(second.toString()));
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.out()).contains("-Dculebra.home=" + home + "\n");
  }

  @Test
  void passesOverAJavaThatIsTooOld() throws Exception {
    build(home.resolve("cli/target/app"));
    Path onPath = jdk("new", "25");
    Outcome outcome =
        launch(
            Launched.environment(
                "JAVA_HOME",
                jdk("old", "17.0.2").toString(),
                "PATH",
                onPath.resolve("bin") + ":/usr/bin:/bin"));
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.out()).startsWith(onPath.resolve("bin/java").toString());
  }

  @Test
  void aNamedJavaIsTheOnlyOneTried() throws Exception {
    build(home.resolve("cli/target/app"));
    for (String version : List.of("24.0.1", "1.8.0_402", "11")) {
      Path old = jdk("old", version);
      Outcome outcome =
          launch(
              Launched.environment(
                  "CULEBRA_JAVA_HOME", old.toString(), "JAVA_HOME", jdk("new", "25").toString()));
      assertThat(outcome.code()).isEqualTo(1);
      assertThat(outcome.out()).isEmpty();
      assertThat(outcome.err())
          .startsWith("culebra: a JDK of release 25 or newer is needed")
          .contains("CULEBRA_JAVA_HOME: " + old + ": Java " + version.replaceFirst("[._].*", ""));
    }
    Outcome nothing =
        launch(Launched.environment("CULEBRA_JAVA_HOME", folder.resolve("none").toString()));
    assertThat(nothing.code()).isEqualTo(1);
    assertThat(nothing.err()).contains(folder.resolve("none") + ": no Java there");
  }

  @Test
  void asksAJavaWithoutAReleaseFile() throws Exception {
    build(home.resolve("cli/target/app"));
    Path jdk = folder.resolve("bare");
    executable(
        jdk.resolve("bin/java"),
        "#!/bin/sh\necho 'openjdk version \"25.0.1\" 2025-10-21' >&2\necho ran\n");
    Outcome outcome = launch(Launched.environment("CULEBRA_JAVA_HOME", jdk.toString()));
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.out()).isEqualTo("ran\n");
  }

  @Test
  void buildsOnceAndSaysSo() throws Exception {
    executable(
        folder.resolve("bin/mvn"),
        """
        #!/bin/sh
        echo "$@" >> calls.txt
        mkdir -p cli/target/app && touch cli/target/app/jvm.options
        """);
    Map<String, String> environment =
        Launched.environment(
            "CULEBRA_JAVA_HOME",
            jdk("jdk", "25").toString(),
            "PATH",
            folder.resolve("bin") + ":/usr/bin:/bin");
    Outcome first = launch(environment, "--version");
    assertThat(first.code()).as(first.err()).isZero();
    assertThat(first.err()).hasLineCount(1).contains("building once").contains("build.log");
    assertThat(first.out()).endsWith("dev.culebra.cli.Main\n--version\n");
    Outcome second = launch(environment, "--version");
    assertThat(second.err()).isEmpty();
    assertThat(second.out()).isEqualTo(first.out());
    assertThat(home.resolve("calls.txt")).hasContent("-B -Dquick -pl cli -am package\n");
  }

  @Test
  void namesTheLogOfABuildThatFails() throws Exception {
    executable(
        folder.resolve("bin/mvn"),
        "#!/bin/sh\necho '[INFO] at work'\necho '[ERROR] no such luck'\nexit 1\n");
    Outcome outcome =
        launch(
            Launched.environment(
                "CULEBRA_JAVA_HOME",
                jdk("jdk", "25").toString(),
                "PATH",
                folder.resolve("bin") + ":/usr/bin:/bin"));
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.out()).isEmpty();
    Path log = home.resolve("target/build.log");
    assertThat(outcome.err()).contains("the build failed; see " + log + ": [ERROR] no such luck");
    assertThat(log).content().contains("[INFO] at work");
  }

  @Test
  void aBundleUsesItsOwnJavaAndNeedsNoTools() throws Exception {
    build(home);
    executable(home.resolve("java/bin/java"), ECHO);
    Outcome outcome = launch(Map.of("PATH", "", "JAVA_HOME", jdk("old", "8").toString()), "doctor");
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.out())
        .startsWith(home.resolve("java/bin/java").toString())
        .contains(home.resolve("lib/culebra.jar").toString())
        .endsWith("doctor\n");
  }

  @Test
  void theBuiltProgramStarts() throws Exception {
    assumeTrue(Launched.isBuilt(), "the program is built by 'mvn package'");
    script = Launched.SCRIPT;
    Outcome outcome =
        launch(Launched.environment("CULEBRA_JAVA_HOME", System.getProperty("java.home")), "help");
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.out()).startsWith("Usage: culebra ");
    assertThat(Launched.ROOT.resolve("cli/target/app/culebra.aot")).isNotEmptyFile();
  }
}
