package dev.culebra.cli;

import dev.culebra.objectives.Units;
import dev.culebra.runtime.Devices;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.text.Format;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.recipe.Settings;
import dev.culebra.train.run.Run;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Trains a model. */
@Command(
    name = "train",
    sortOptions = false,
    description = {
      "Train a model on text, pairs or images; without options, a small one on the book that"
          + " ships.",
      "An interrupt (Ctrl-C) finishes the step and saves; --resume continues."
    },
    footer = {
      "",
      "Examples:  culebra train",
      "           culebra train --data texts/ --out runs/mine --steps 5000 --set model.width=256"
    })
final class TrainCommand implements Callable<Integer> {

  private static final int INTERRUPTED = 130;
  private static final String STOPPING = "interrupted: finishing the step and saving";

  @Parameters(
      arity = "0..1",
      paramLabel = "RECIPE",
      description =
          "An objective's name (see: culebra help objectives) or a YAML file of settings (default:"
              + " ${bundle:default.objective}).")
  String recipeName;

  @Option(
      names = "--data",
      paramLabel = "PATH",
      description =
          "What to learn from: files or folders of text, pairs or images, as the objective needs"
              + " (default: the sample that ships).")
  String data;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder of the run (default: runs/ and the objective's name).")
  Path out;

  @Option(
      names = "--device",
      paramLabel = "NAME",
      description =
          "Where to compute: " + Devices.NAMES + " (default: ${bundle:default.run.device}).")
  String device;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "CPU threads; 0 for one per core (default: ${bundle:default.run.threads}).")
  String threads;

  @Option(
      names = "--precision",
      paramLabel = "NAME",
      description =
          "Numbers to compute in: auto, fp32, tf32 or bf16 (default:"
              + " ${bundle:default.run.precision}; auto is fp32 on the CPU, bf16 on CUDA devices).")
  String precision;

  @Option(
      names = "--no-graph",
      description = "On a CUDA device, launch a step's kernels one by one.")
  boolean noGraph;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Optimiser steps (default: ${bundle:default.schedule.steps}).")
  String steps;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of weights and order of data (default: ${bundle:default.run.seed}).")
  String seed;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Any other setting; may be repeated.")
  List<String> assignments = List.of();

  @Option(names = "--resume", description = "Continue the run in the folder.")
  boolean resume;

  @Option(names = "--settings", description = "List all settings with their defaults, and end.")
  boolean settings;

  @Spec CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    if (settings) {
      HelpCommand.printSettings(spec.commandLine().getOut());
      return 0;
    }
    Recipe recipe = recipe(err);
    Path folder = out == null ? Path.of("runs", recipe.get(Settings.OBJECTIVE)) : out;
    Run.check(recipe, folder, resume);
    Devices.Choice choice = Devices.open(recipe.get(Settings.DEVICE), recipe.deviceOptions());
    try (Device opened = choice.device()) {
      return train(recipe, folder, opened, choice.reason());
    }
  }

  private int train(Recipe recipe, Path folder, Device opened, String reason) throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    long begun = System.nanoTime();
    try (ProgressView view = ProgressView.on(err);
        Interrupt interrupt = new Interrupt(() -> view.line(STOPPING))) {
      RunProgress progress = new RunProgress(view, reason, interrupt::arm, interrupt::asked);
      Run.Summary summary = Run.train(recipe, folder, resume, opened, progress);
      view.close();
      Duration time = Duration.ofNanos(System.nanoTime() - begun);
      return summary.completed()
          ? completed(summary, progress, time, folder)
          : interrupted(summary, folder, err);
    }
  }

  private Recipe recipe(PrintWriter err) {
    Recipe given = resume ? resumed() : Recipe.named(named());
    boolean ownFile = !resume && !Recipe.OBJECTIVES.contains(named());
    boolean warmup = ownFile && given.sets(Settings.WARMUP);
    Recipe recipe = set(given, Settings.DATA.key(), data, "--data");
    recipe = set(recipe, Settings.DEVICE.key(), device, "--device");
    recipe = set(recipe, Settings.THREADS.key(), threads, "--threads");
    recipe = set(recipe, Settings.SEED.key(), seed, "--seed");
    recipe = set(recipe, Settings.PRECISION.key(), precision, "--precision");
    recipe = set(recipe, Settings.STEPS.key(), steps, "--steps");
    if (noGraph) {
      recipe = recipe.with(Settings.GRAPH, false);
    }
    recipe = Assignments.set(recipe, assignments);
    warmup |= Assignments.set(Recipe.empty(), assignments).sets(Settings.WARMUP);
    return resume || warmup ? recipe : withShortWarmup(recipe, err);
  }

  /** An objective that is named beside --resume is compared with the run's, its recipe is not. */
  private Recipe resumed() {
    if (recipeName == null) {
      return Recipe.empty();
    }
    return Recipe.OBJECTIVES.contains(recipeName)
        ? Recipe.empty().with(Settings.OBJECTIVE, recipeName)
        : Recipe.named(recipeName);
  }

  private String named() {
    return recipeName == null ? Recipe.OBJECTIVES.getFirst() : recipeName;
  }

  private static Recipe set(Recipe recipe, String key, String value, String option) {
    return value == null ? recipe : recipe.with(key, value, option);
  }

  /** A run much shorter than usual gets a shorter warm-up too, unless its user has given one. */
  private static Recipe withShortWarmup(Recipe recipe, PrintWriter err) {
    int all = recipe.get(Settings.STEPS);
    int warmup = recipe.get(Settings.WARMUP);
    if (warmup <= all / 2) {
      return recipe;
    }
    int shorter = all / 10;
    err.println(
        Format.text(
            "note: %s is %d, not %d, for so few steps", Settings.WARMUP.key(), shorter, warmup));
    return recipe.with(Settings.WARMUP, shorter);
  }

  private int completed(Run.Summary summary, RunProgress progress, Duration time, Path folder) {
    PrintWriter out = spec.commandLine().getOut();
    Units units = progress.units();
    boolean finished = summary.before() == summary.steps();
    String speed = String.format(Locale.ROOT, "%,.0f %s/s", progress.medianSpeed(), units.inputs());
    Table table = new Table();
    if (finished) {
      table.row("steps", Format.text("%,d: the run is finished", summary.steps()));
    } else {
      table
          .row("steps", Format.text("%,d", summary.steps()))
          .row("time", ProgressView.clock(time))
          .row("speed", speed)
          .row("training loss", loss(progress.meanLoss(), units));
    }
    table
        .row("validation loss", loss(summary.validationLoss(), units))
        .row("model", summary.model().toString());
    out.println(table);
    if (summary.validationLoss() > summary.ignorance()) {
      out.println();
      out.println(
          Format.text(
              "The validation loss is worse than knowing nothing (%.4f): train longer, or lower"
                  + " %s.",
              summary.ignorance(), Settings.LEARNING_RATE.key()));
    }
    if (summary.sampleOutput() != null) {
      out.println();
      out.println(summary.sampleOutput().title());
      out.println();
      out.println(summary.sampleOutput().text().strip().indent(2).stripTrailing());
    }
    out.println();
    List<String> next = NextCommands.of(summary.uses(), folder);
    out.println("Next:  " + String.join("\n       ", next));
    return 0;
  }

  private int interrupted(Run.Summary summary, Path folder, PrintWriter err) {
    err.println(
        "interrupted after step "
            + summary.steps()
            + ", which is saved; continue with:  "
            + NextCommands.resume(folder));
    return INTERRUPTED;
  }

  private static String loss(double loss, Units units) {
    return String.format(Locale.ROOT, "%.4f %s", loss, units.loss());
  }
}
