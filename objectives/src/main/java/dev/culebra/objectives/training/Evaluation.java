package dev.culebra.objectives.training;

import dev.culebra.objectives.architecture.Decoder;
import dev.culebra.objectives.architecture.ModelFolder;
import dev.culebra.objectives.baseline.BigramBaseline;
import dev.culebra.objectives.baseline.PairCounts;
import dev.culebra.objectives.baseline.UnigramBaseline;
import dev.culebra.objectives.batch.Batch;
import dev.culebra.objectives.batch.EvaluationSource;
import dev.culebra.objectives.batch.HeldOutWindows;
import dev.culebra.objectives.corpus.Corpus;
import dev.culebra.objectives.objective.CausalLanguageModel;
import dev.culebra.objectives.token.ByteLevelBpe;
import dev.culebra.objectives.token.TokenShards;
import dev.culebra.objectives.token.TokenView;
import dev.culebra.objectives.token.Tokenizer;
import dev.culebra.objectives.token.Tokenizers;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.kernel.CrossEntropy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Scores a trained model on held-out text, beside unigrams and bigrams of its training text. */
public final class Evaluation {

  private Evaluation() {}

  /**
   * Evaluates the model in a run's folder or a model folder.
   *
   * @param folder the run or the model
   * @param data text to score all of; null for the run's own held-out tokens
   * @return the baselines are those of the run's training tokens; NaN for a model without a run
   */
  public static EvaluationReport evaluate(Path folder, Path data, Device device)
      throws IOException {
    Path modelFolder = Generator.modelFolder(folder);
    boolean isRun = RunFolder.exists(folder);
    if (data == null && !isRun) {
      throw new BadInputException(
          folder + " is a model without a run, so it has no held-out text: give --data");
    }
    Recipe recipe = isRun ? RunInfo.read(folder).recipe(folder) : Recipe.named("clm");
    try (Decoder decoder = ModelFolder.load(modelFolder, device);
        RunData run = isRun ? RunData.open(recipe, folder) : null) {
      Recipe fitted =
          recipe.with(
              Settings.CONTEXT, Math.min(recipe.get(Settings.CONTEXT), decoder.shape().context()));
      if (data == null) {
        return report(
            "held-out tokens of " + folder,
            run.heldOut(fitted),
            decoder,
            run,
            run.tokenizer(),
            fitted,
            device);
      }
      return external(data, modelFolder, decoder, run, fitted, device);
    }
  }

  private static EvaluationReport external(
      Path data, Path modelFolder, Decoder decoder, RunData run, Recipe recipe, Device device)
      throws IOException {
    Path temporary = Files.createTempDirectory("culebra-tokens");
    try (Tokenizer tokenizer = Tokenizers.load(ModelFolder.tokenizer(modelFolder));
        TokenShards shards =
            TokenShards.build(
                Corpus.of(List.of(data), recipe.get(Settings.FIELD)), tokenizer, temporary)) {
      HeldOutWindows source = new HeldOutWindows(TokenView.all(shards), RunData.options(recipe));
      return report(data.toString(), source, decoder, run, tokenizer, recipe, device);
    } finally {
      RunFolder.removeFiles(temporary);
      Files.delete(temporary);
    }
  }

  private static EvaluationReport report(
      String name,
      EvaluationSource source,
      Decoder decoder,
      RunData run,
      Tokenizer tokenizer,
      Recipe recipe,
      Device device) {
    CausalLanguageModel model =
        new CausalLanguageModel(
            decoder, CrossEntropy.PLAIN, (long) recipe.get(Settings.LOGITS_BUDGET) << 20);
    Scorer.Score score;
    try (Scorer scorer = new Scorer(device, model, source.newBatch())) {
      score = scorer.score(source, Long.MAX_VALUE);
    }
    if (score.tokens() == 0) {
      throw new BadInputException(name + " has no token to score");
    }
    double unigram = Double.NaN;
    double bigram = Double.NaN;
    if (run != null) {
      PairCounts counts = new PairCounts(run.split().train(), recipe.get(Settings.CROSS_LABELS));
      unigram = new UnigramBaseline(counts).meanLoss(source);
      bigram = new BigramBaseline(counts).meanLoss(source);
    }
    double bits =
        tokenizer instanceof ByteLevelBpe
            ? score.loss() * score.tokens() / Math.log(2) / labelBytes(source, tokenizer)
            : Double.NaN;
    return new EvaluationReport(name, score.tokens(), score.loss(), bits, unigram, bigram);
  }

  /** Bytes of text behind the labels: a byte-level token has one character per byte. */
  private static long labelBytes(EvaluationSource source, Tokenizer tokenizer) {
    Batch batch = source.newBatch();
    long bytes = 0;
    for (long i = 0; i < source.batches(); i++) {
      source.fill(i, batch);
      for (int j = 0; j < batch.labelCount(); j++) {
        int label = batch.labels()[batch.labelPositions()[j]];
        bytes += label == tokenizer.endOfText() ? 0 : tokenizer.token(label).length();
      }
    }
    return bytes;
  }
}
