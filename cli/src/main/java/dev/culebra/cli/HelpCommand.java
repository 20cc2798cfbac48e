package dev.culebra.cli;

import dev.culebra.runtime.BadInputException;
import dev.culebra.train.recipe.NearNames;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.recipe.Setting;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows the help of a command, or all settings of a recipe. */
@Command(
    name = "help",
    sortOptions = false,
    description =
        "Show the help of a command, the objectives that ship, the recipe of one, or all settings.",
    footer = {"", "Example:  culebra help settings"})
final class HelpCommand implements Runnable {

  private static final String SETTINGS = "settings";
  private static final String OBJECTIVES = "objectives";

  @Parameters(
      arity = "0..1",
      paramLabel = "TOPIC",
      description = "A command, '" + OBJECTIVES + "', an objective, or '" + SETTINGS + "'.")
  String topic;

  @Spec CommandSpec spec;

  @Override
  public void run() {
    CommandLine program = spec.commandLine().getParent();
    PrintWriter out = program.getOut();
    Map<String, CommandLine> commands = program.getSubcommands();
    if (topic == null) {
      program.usage(out);
    } else if (topic.equals(SETTINGS)) {
      printSettings(out);
    } else if (topic.equals(OBJECTIVES)) {
      printObjectives(out);
    } else if (Recipe.OBJECTIVES.contains(topic)) {
      out.print(Recipe.text(topic));
      out.flush();
    } else if (commands.containsKey(topic)) {
      commands.get(topic).usage(out);
    } else {
      List<String> topics = new ArrayList<>(commands.keySet());
      topics.add(SETTINGS);
      topics.add(OBJECTIVES);
      topics.addAll(Recipe.OBJECTIVES);
      throw new BadInputException(
          "there is no help on '"
              + topic
              + "'"
              + NearNames.of(topic, topics).orElse("; 'culebra help' lists the commands"));
    }
  }

  private static void printObjectives(PrintWriter out) {
    Table table = new Table();
    Recipe.OBJECTIVES.forEach(name -> table.row(name, Recipe.summary(name)));
    out.println(table);
    out.println();
    out.println("Train one by: culebra train NAME; see its recipe by: culebra help NAME.");
  }

  /** Writes every setting of a recipe with its default. */
  static void printSettings(PrintWriter out) {
    Table table = new Table().row("setting", "default", "");
    for (Setting<?> setting : Setting.all()) {
      String fallback = setting.fallback().toString();
      table.row(setting.key(), fallback.isEmpty() ? "-" : fallback, setting.description() + ".");
    }
    out.println(table);
    out.println();
    out.println("Set them by --set KEY=VALUE, or in a YAML file: culebra train FILE.");
  }
}
