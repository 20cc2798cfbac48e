package dev.culebra.objectives.training;

import dev.culebra.objectives.architecture.Decoder;
import dev.culebra.objectives.architecture.Model.TokenIds;
import dev.culebra.objectives.architecture.ModelFolder;
import dev.culebra.objectives.architecture.TokenModel;
import dev.culebra.objectives.baseline.PairCounts;
import dev.culebra.objectives.batch.Batch;
import dev.culebra.objectives.batch.CausalWindows;
import dev.culebra.objectives.batch.CorruptedWindows;
import dev.culebra.objectives.batch.DecoderBatches;
import dev.culebra.objectives.batch.HeldOut;
import dev.culebra.objectives.batch.HeldOutWindows;
import dev.culebra.objectives.batch.PackedExamples;
import dev.culebra.objectives.batch.PackedOptions;
import dev.culebra.objectives.batch.PairedSentences;
import dev.culebra.objectives.batch.SampledBatches;
import dev.culebra.objectives.batch.Source;
import dev.culebra.objectives.corpus.Corpus;
import dev.culebra.objectives.corruption.PairRows;
import dev.culebra.objectives.corruption.SentencePairs;
import dev.culebra.objectives.corruption.SentencePairs.Task;
import dev.culebra.objectives.corruption.Special;
import dev.culebra.objectives.corruption.SpecialTokens;
import dev.culebra.objectives.corruption.Text;
import dev.culebra.objectives.corruption.TextMarks;
import dev.culebra.objectives.corruption.TextObjective;
import dev.culebra.objectives.objective.Objective.Term;
import dev.culebra.objectives.objective.PackedSlot;
import dev.culebra.objectives.objective.TokenObjective;
import dev.culebra.objectives.token.TokenShards;
import dev.culebra.objectives.token.TokenView;
import dev.culebra.objectives.token.Tokenizer;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/** Objectives of text alone: windows of a text, corrupted, and tokens asked back. */
final class TokenWorkload implements Workload<PackedExamples, PackedSlot> {

  private final Recipe recipe;
  private final TextPlan plan;
  private final RunData data;
  private final SpecialTokens specials;
  private final Function<int[], Text> mark;
  private final TokenObjective objective;

  private TokenWorkload(Recipe recipe, TextPlan plan, RunData data, TokenModel model) {
    this.recipe = recipe;
    this.plan = plan;
    this.data = data;
    this.specials = SpecialTokens.in(data.tokenizer(), plan.sentinels());
    this.mark = plan.needsSpecials() ? TextMarks.of(data.tokenizer())::text : Text::of;
    this.objective = objective(recipe, plan, model);
  }

  private static TokenObjective objective(Recipe recipe, TextPlan plan, TokenModel model) {
    String name = plan.objective().key();
    List<Term> terms =
        plan.asksPairs()
            ? List.of(new Term("mlm", 1), new Term(name, 1))
            : List.of(new Term(name, 1));
    long budget = (long) recipe.get(Settings.LOGITS_BUDGET) << 20;
    return new TokenObjective(model, terms, recipe.crossEntropy(), budget);
  }

  /** Prepares or opens the data of a run, and makes its model. */
  static TokenWorkload open(
      Recipe recipe, Path folder, boolean resume, Device device, RunListener listener)
      throws IOException {
    TextPlan plan = TextPlan.of(recipe);
    if (recipe.get(Settings.INIT).isEmpty()) { // refused before any work is done
      ModelPlan.of(recipe, plan.family(), recipe.get(Settings.VOCABULARY), plan.heading());
    }
    RunData data =
        resume
            ? RunData.open(recipe, folder)
            : RunData.prepare(recipe, folder, plan.vocabulary(), listener);
    try {
      TokenModel model = model(recipe, plan, data.tokenizer().vocabularySize(), device);
      try {
        return new TokenWorkload(recipe, plan, data, model);
      } catch (RuntimeException e) {
        model.close();
        throw e;
      }
    } catch (RuntimeException e) {
      data.close();
      throw e;
    }
  }

  /**
   * A trained model, with its run's data if it has a run.
   *
   * @param recipe the run's, or one that fits the model
   */
  static TokenWorkload trained(Recipe recipe, Path folder, Device device) {
    Path modelFolder = Generator.modelFolder(folder);
    RunData data =
        RunFolder.exists(folder)
            ? RunData.open(recipe, folder)
            : RunData.none(ModelFolder.tokenizer(modelFolder));
    try {
      TokenModel model =
          ModelFolder.load(modelFolder, device, TokenModel.class, recipe.get(Settings.OBJECTIVE));
      int context = Math.min(recipe.get(Settings.CONTEXT), model.context());
      Recipe fitted = recipe.with(Settings.CONTEXT, context);
      return new TokenWorkload(fitted, TextPlan.of(fitted), data, model);
    } catch (RuntimeException e) {
      data.close();
      throw e;
    }
  }

  private static TokenModel model(Recipe recipe, TextPlan plan, int vocabulary, Device device) {
    String from = recipe.get(Settings.INIT);
    if (from.isEmpty()) {
      TokenModel model =
          ModelPlan.of(recipe, plan.family(), vocabulary, plan.heading()).build().apply(device);
      model.parameters().initialize(recipe.get(Settings.SEED));
      return model;
    }
    TokenModel model =
        ModelFolder.load(
            Generator.modelFolder(Path.of(from)), device, TokenModel.class, plan.objective().key());
    BadInputException refused = refusal(recipe, plan, vocabulary, from, model);
    if (refused != null) {
      model.close();
      throw refused;
    }
    return model;
  }

  private static BadInputException refusal(
      Recipe recipe, TextPlan plan, int vocabulary, String from, TokenModel model) {
    if (model.arrangement() != plan.arrangement()) {
      return new BadInputException(
          "model.from %s holds a model of the kind %s, but %s with model.family %s needs the kind %s: choose another objective or family"
              .formatted(
                  from,
                  model.arrangement(),
                  plan.objective().key(),
                  plan.family(),
                  plan.arrangement()));
    }
    if (recipe.get(Settings.CONTEXT) > model.context() || vocabulary > model.vocabulary()) {
      return new BadInputException(
          "model.from "
              + from
              + " has a context of "
              + model.context()
              + " and a vocabulary of "
              + model.vocabulary()
              + "; model.context "
              + recipe.get(Settings.CONTEXT)
              + " and the tokenizer's "
              + vocabulary
              + " ids must not exceed them");
    }
    return null;
  }

  @Override
  public TokenObjective objective() {
    return objective;
  }

  RunData data() {
    return data;
  }

  TextPlan plan() {
    return plan;
  }

  SpecialTokens specials() {
    return specials;
  }

  @Override
  public Source<PackedExamples> training() {
    TokenView tokens = data.split().train();
    int microBatches = recipe.get(Settings.ACCUMULATION);
    long seed = recipe.get(Settings.SEED);
    if (plan.objective() == TextObjective.CLM) {
      return DecoderBatches.of(
          new CausalWindows(tokens, RunData.options(recipe), microBatches, seed));
    }
    PackedOptions sizes = plan.sizes(recipe, specials);
    return plan.asksPairs()
        ? SampledBatches.training(pairs(tokens, sizes, true), sizes, microBatches)
        : CorruptedWindows.training(
            tokens, mark, plan.corruption(recipe, specials), sizes, microBatches, seed);
  }

  @Override
  public HeldOut<PackedExamples> heldOut() {
    return heldOut(data.split().validation());
  }

  /** Batches to judge by, from any text. */
  HeldOut<PackedExamples> heldOut(TokenView tokens) {
    if (plan.objective() == TextObjective.CLM) {
      return DecoderBatches.of(windows(tokens));
    }
    PackedOptions sizes = plan.sizes(recipe, specials);
    if (plan.asksPairs()) {
      PairedSentences pairs = pairs(tokens, sizes, false);
      return SampledBatches.heldOut(pairs, pairs.count(), sizes);
    }
    return CorruptedWindows.heldOut(
        tokens, mark, plan.corruption(recipe, specials), sizes, recipe.get(Settings.SEED));
  }

  /** Windows to judge by, from any text, as they are. */
  HeldOut<Batch> windows(TokenView tokens) {
    return new HeldOutWindows(tokens, RunData.options(recipe));
  }

  /** How often which token follows which in the training text. */
  PairCounts pairCounts() {
    return new PairCounts(data.split().train(), recipe.get(Settings.CROSS_LABELS));
  }

  private PairedSentences pairs(TokenView tokens, PackedOptions sizes, boolean shuffled) {
    boolean next = plan.objective() == TextObjective.NSP;
    SentencePairs pairs =
        new SentencePairs(
            next ? Task.NEXT_SENTENCE : Task.SENTENCE_ORDER, recipe.get(Settings.CONTEXT), 0.1);
    PairRows rows =
        plan.profile().equals("plain")
            ? PairRows.plain(specials)
            : PairRows.masked(specials, plan.masking());
    long seed = recipe.get(Settings.SEED);
    return new PairedSentences(tokens, mark, pairs, rows, sizes.window(), shuffled, seed);
  }

  @Override
  public Facts facts() {
    return new Facts(
        data.shards().documents(),
        data.shards().tokens(),
        Long.toHexString(data.shards().fingerprint()));
  }

  @Override
  public void save(Path folder, Device device) throws IOException {
    TokenIds ids =
        plan.needsSpecials()
            ? new TokenIds(
                specials.id(Special.BEGIN), specials.id(Special.END), specials.id(Special.PAD))
            : TokenIds.ending(data.tokenizer().endOfText());
    ModelFolder.save(folder, device, objective.model(), ids, data.tokenizerFile());
  }

  @Override
  public EvaluationReport judge(Device device, Path other) throws IOException {
    TokenJudge judge = new TokenJudge(this, device);
    if (other == null) {
      return judge.judge("what the run held out", data.split().validation());
    }
    Path temporary = Files.createTempDirectory("culebra-tokens");
    Corpus corpus = RunData.corpus(recipe, List.of(other));
    try (TokenShards shards = TokenShards.build(corpus, data.tokenizer(), temporary)) {
      return judge.judge(other.toString(), TokenView.all(shards));
    } finally {
      RunFolder.removeFiles(temporary);
      Files.delete(temporary);
    }
  }

  @Override
  public Showpiece show(Device device) {
    if (!(objective.model() instanceof Decoder decoder) || plan.objective() != TextObjective.CLM) {
      return null;
    }
    Tokenizer tokenizer = data.tokenizer();
    int[] ids = new int[(int) Math.min(16, data.split().validation().size())];
    data.split().validation().copy(0, ids, 0, ids.length);
    String prompt = tokenizer.decode(ids);
    try (Generator generator = new Generator(device, decoder, tokenizer)) {
      GenerationOptions options = new GenerationOptions(100, 0.8, 50, 1, 1);
      String text = generator.generate(prompt, options, more -> {});
      return new Showpiece("After \"" + prompt.strip() + "\" it writes:", text);
    }
  }

  @Override
  public void close() {
    objective.model().close();
    data.close();
  }
}
