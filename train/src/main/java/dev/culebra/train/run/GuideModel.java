package dev.culebra.train.run;

import dev.culebra.models.ModelFolder;
import dev.culebra.models.dual.DualEncoder;
import dev.culebra.objectives.pairs.ContrastiveObjective.Guide;
import dev.culebra.objectives.pairs.DualEncoderProcessor;
import dev.culebra.objectives.pairs.PairBatch;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import dev.culebra.train.inference.Embedder;
import dev.culebra.train.recipe.RunFolder;
import dev.culebra.train.recipe.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.IntStream;

/** The model of {@code contrast.guide}, whose opinion tells which pairs are no negatives. */
record GuideModel(PairSetup pairs, Guide guide) implements AutoCloseable {

  /**
   * Reads a recipe's guide; null if it names none, or there is nothing to train on.
   *
   * @throws BadInputException if it reads other tokens or images
   */
  static GuideModel open(PairSetup pairs) {
    String folder = pairs.recipe().get(Settings.GUIDE);
    if (folder.isEmpty() || pairs.pairs() == null) {
      return null;
    }
    Path from = RunFolder.modelIn(Path.of(folder));
    DualEncoder model =
        ModelFolder.load(from, pairs.device(), DualEncoder.class, Settings.GUIDE.key());
    if (!readsTheSame(model, from, pairs)) {
      model.close();
      throw new BadInputException(
          Format.text(
              "contrast.guide %s reads other tokens or images than this model: train both with"
                  + " one tokenizer.file and equal sizes",
              folder));
    }
    float margin = pairs.recipe().get(Settings.GUIDE_MARGIN).floatValue();
    return new GuideModel(pairs, new Guide(model, margin));
  }

  private static boolean readsTheSame(DualEncoder guide, Path from, PairSetup pairs) {
    DualEncoder model = pairs.model();
    return sameFile(ModelFolder.tokenizer(from), pairs.tokenizerFile())
        && guide.context() >= model.context()
        && Objects.equals(DualEncoderProcessor.of(guide, from).images(), pairs.room().images())
        && guide.readsBothWays() == model.readsBothWays();
  }

  private static boolean sameFile(Path a, Path b) {
    try {
      return Files.mismatch(a, b) == -1;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Says so if it leaves no negative of a batch, from which nothing is learned. */
  void check(PairBatch batch) {
    float[][] left = pairs.embeddings(guide.model(), batch.leftMembers(), true);
    float[][] right = pairs.embeddings(guide.model(), batch.rightMembers(), false);
    if (IntStream.range(0, left.length).noneMatch(i -> leaves(left[i], right, i))) {
      pairs.note(
          "contrast.guide finds every negative of the first batch too similar, and leaves nothing"
              + " to learn: lower contrast.guideMargin, or choose another guide");
    }
  }

  /** Whether a query keeps a negative beside its own key. */
  private boolean leaves(float[] query, float[][] keys, int own) {
    double limit = Embedder.product(query, keys[own]) - guide.margin();
    return IntStream.range(0, keys.length)
        .anyMatch(j -> j != own && Embedder.product(query, keys[j]) <= limit);
  }

  @Override
  public void close() {
    guide.model().close();
  }
}
