package dev.culebra.cli;

import dev.culebra.runtime.Notes;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The program {@code culebra}: reads the command line and runs one command. */
@Command(
    name = "culebra",
    sortOptions = false,
    description = "Pretrains language models on the JVM.",
    synopsisSubcommandLabel = "COMMAND",
    versionProvider = Version.class,
    subcommands = {
      TrainCommand.class,
      EvaluateCommand.class,
      GenerateCommand.class,
      DrawCommand.class,
      SearchCommand.class,
      EmbedCommand.class,
      FillCommand.class,
      InspectCommand.class,
      TokenizerCommand.class,
      BenchCommand.class,
      DoctorCommand.class,
      HelpCommand.class
    },
    footer = {
      "",
      "Start with:  culebra train",
      "Exit codes:  0 done, 1 failed, 2 bad usage or bad input, 3 no such device, 130 interrupted."
    })
public final class Main implements Runnable {

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this help.")
  boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Show the version.")
  boolean version;

  @Option(
      names = Complaints.VERBOSE,
      scope = ScopeType.INHERIT,
      description = "Show the trace of an error.")
  boolean verbose;

  @Spec CommandSpec spec;

  private Main() {}

  /** Runs the command line and ends the process with its exit code. */
  public static void main(String[] args) {
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    int code = run(out, err, args);
    Interrupt.commandEnded();
    System.exit(code);
  }

  /**
   * Runs a command line in this process.
   *
   * @param out takes results
   * @param err takes progress, notes and complaints
   * @return the exit code
   */
  public static int run(PrintWriter out, PrintWriter err, String... args) {
    CommandLine program =
        new CommandLine(new Main())
            .setResourceBundle(new SettingDefaults())
            .setOut(out)
            .setErr(err)
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setExpandAtFiles(false)
            .setUsageHelpAutoWidth(false)
            .setUsageHelpWidth(100)
            .setParameterExceptionHandler(Complaints::badUsage)
            .setExecutionExceptionHandler(Complaints::failure);
    try {
      return Notes.to(note -> err.println("note: " + note), () -> program.execute(args));
    } catch (OutOfMemoryError e) {
      return Complaints.outOfMemory(e, program);
    } finally {
      out.flush();
      err.flush();
    }
  }

  /** Without a command there is nothing to do. */
  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "a command is missing; 'culebra --help' lists them");
  }
}
