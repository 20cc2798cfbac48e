package dev.culebra.cli;

import dev.culebra.objectives.training.Setting;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.NoSuchDeviceException;
import dev.culebra.runtime.device.OutOfDeviceMemoryException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
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
            : lowerFirst(e.getMessage()) + seeHelp(e.getCommandLine());
    return complain(e.getCommandLine(), List.of(args).contains(VERBOSE), sentence, e, BAD_INPUT);
  }

  /** A command that did not end well. */
  static int failure(Exception e, CommandLine command, ParseResult parsed) {
    boolean verbose = parsed.expandedArgs().contains(VERBOSE);
    return switch (e) {
      case BadInputException _ -> complain(command, verbose, e.getMessage(), e, BAD_INPUT);
      case NoSuchDeviceException _ -> complain(command, verbose, e.getMessage(), e, NO_SUCH_DEVICE);
      case OutOfDeviceMemoryException _ -> complain(command, verbose, e.getMessage(), e, FAILED);
      default -> complain(command, verbose, unexpected(e, verbose), e, FAILED);
    };
  }

  private static String unexpected(Throwable e, boolean verbose) {
    String message = e.getMessage() == null ? "" : ": " + e.getMessage();
    String more = verbose ? "" : " (" + VERBOSE + " shows where)";
    return "failed with " + e.getClass().getSimpleName() + message + more;
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
          + "'; the nearest are "
          + nearest(name, new ArrayList<>(command.getCommandSpec().optionsMap().keySet()))
          + seeHelp(command);
    }
    if (command.getParent() == null) {
      return "there is no command '"
          + argument
          + "'; the nearest are "
          + nearest(argument, new ArrayList<>(command.getSubcommands().keySet()))
          + seeHelp(command);
    }
    return "the argument '" + argument + "' is one too many" + seeHelp(command);
  }

  private static String nearest(String name, List<String> known) {
    known.removeIf(k -> !k.startsWith("--") && k.startsWith("-"));
    return String.join(", ", Setting.nearest(name, known));
  }

  private static String seeHelp(CommandLine command) {
    return "; see '" + command.getCommandSpec().qualifiedName() + " --help'";
  }

  private static String lowerFirst(String sentence) {
    return Character.toLowerCase(sentence.charAt(0)) + sentence.substring(1);
  }
}
