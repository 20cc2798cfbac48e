package dev.culebra.cli;

import dev.culebra.bindings.NativeLibraryException;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.NoSuchDeviceException;
import dev.culebra.runtime.device.OutOfDeviceMemoryException;
import dev.culebra.train.recipe.NearNames;
import dev.culebra.train.run.NonFiniteException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns whatever went wrong into one sentence and an exit code. */
final class Complaints {

  static final int FAILED = 1;
  static final int BAD_INPUT = 2;
  static final int NO_SUCH_DEVICE = 3;

  static final String VERBOSE = "--verbose";

  private Complaints() {}

  /** A command line that cannot be understood. */
  static int badUsage(ParameterException e, String[] args) {
    String sentence =
        e instanceof UnmatchedArgumentException unmatched
            ? unknown(unmatched)
            : lowerFirst(e.getMessage().replaceFirst("^[Ee]rror: ", ""))
                + seeHelp(e.getCommandLine());
    return complain(e.getCommandLine(), List.of(args).contains(VERBOSE), sentence, e, BAD_INPUT);
  }

  /** A command that did not end well. */
  static int failure(Exception e, CommandLine command, ParseResult parsed) {
    boolean verbose = parsed.originalArgs().contains(VERBOSE);
    int code =
        switch (e) {
          case BadInputException _ -> BAD_INPUT;
          case NoSuchDeviceException _ -> NO_SUCH_DEVICE;
          default -> FAILED;
        };
    return complain(command, verbose, sentence(e, verbose), e, code);
  }

  /** Java's own memory is used up. */
  static int outOfMemory(OutOfMemoryError e, CommandLine command) {
    String sentence =
        "out of memory ("
            + e.getMessage()
            + "): use a smaller model or batch, or give Java more, such as"
            + " CULEBRA_JAVA_OPTIONS=-Xmx8g";
    return complain(command, false, sentence, e, FAILED);
  }

  private static String sentence(Exception e, boolean verbose) {
    return switch (e) {
      case BadInputException _,
          NoSuchDeviceException _,
          OutOfDeviceMemoryException _,
          NonFiniteException _,
          NativeLibraryException _ ->
          e.getMessage();
      case UncheckedIOException unchecked -> unchecked.getMessage();
      case FileSystemException file -> fileProblem(file);
      case IOException io when io.getMessage() != null -> io.getMessage();
      default ->
          "this is a defect of Culebra: " + e + (verbose ? "" : "; " + VERBOSE + " shows where");
    };
  }

  /** What the JDK says of files is often the file's name alone. */
  private static String fileProblem(FileSystemException e) {
    String reason =
        switch (e) {
          case AccessDeniedException _ -> "permission denied";
          case NoSuchFileException _ -> "no such file or folder";
          case FileSystemException other when other.getReason() != null -> other.getReason();
          default -> e.getClass().getSimpleName();
        };
    return e.getFile() + ": " + reason;
  }

  private static int complain(
      CommandLine command, boolean verbose, String sentence, Throwable e, int code) {
    PrintWriter err = command.getErr();
    err.println("culebra: " + sentence);
    if (verbose) {
      e.printStackTrace(err);
    }
    err.flush();
    return code;
  }

  /** Names the first argument that nobody wanted and what comes nearest to it. */
  private static String unknown(UnmatchedArgumentException e) {
    CommandLine command = e.getCommandLine();
    String argument = e.getUnmatched().getFirst();
    if (argument.startsWith("-")) {
      String name = argument.replaceFirst("=.*", "");
      return "there is no option '"
          + name
          + "'"
          + near(name, command.getCommandSpec().optionsMap().keySet())
          + seeHelp(command);
    }
    if (command.getParent() == null) {
      return "there is no command '"
          + argument
          + "'"
          + near(argument, command.getSubcommands().keySet())
          + seeHelp(command);
    }
    return "the argument '" + argument + "' is one too many" + seeHelp(command);
  }

  /** The names that are near, without an option's one letter. */
  private static String near(String name, Set<String> known) {
    List<String> names =
        known.stream().filter(k -> k.startsWith("--") || !k.startsWith("-")).toList();
    return NearNames.of(name, names).orElse("");
  }

  private static String seeHelp(CommandLine command) {
    return "; see '" + command.getCommandSpec().qualifiedName() + " --help'";
  }

  private static String lowerFirst(String sentence) {
    return Character.toLowerCase(sentence.charAt(0)) + sentence.substring(1);
  }
}
