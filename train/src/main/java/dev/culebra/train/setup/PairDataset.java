package dev.culebra.train.setup;

import dev.culebra.data.batch.Blended;
import dev.culebra.data.token.Special;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.data.token.TokenShards;
import dev.culebra.models.nn.TokenModel;
import dev.culebra.objectives.text.Dataset;
import dev.culebra.objectives.text.Datasets;
import dev.culebra.objectives.text.GivenPairs;
import dev.culebra.objectives.text.PackedOptions;
import dev.culebra.objectives.text.PairSizes;
import dev.culebra.objectives.text.corruption.SampleLayout;
import dev.culebra.objectives.text.corruption.SourceTarget;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.recipe.Settings;
import java.util.ArrayList;
import java.util.List;

/** The samples that become of given pairs of texts: the model writes the second of the first. */
record PairDataset(Recipe recipe, SpecialTokens specials, TokenModel.Architecture stacks) {

  private SampleLayout layout() {
    return stacks == TokenModel.Architecture.DECODER
        ? SampleLayout.DECODER
        : SampleLayout.ENCODER_DECODER;
  }

  private PairSizes sizes(TokenShards shards) {
    return PairSizes.of(shards, layout(), opening(), recipe.get(Settings.CONTEXT));
  }

  private GivenPairs pairs(
      TokenShards shards, GivenPairs.Range range, boolean shuffled, long seed) {
    SourceTarget layout = new SourceTarget(specials, layout());
    GivenPairs.Limits limits = PairSizes.limits(layout(), opening(), recipe.get(Settings.CONTEXT));
    return new GivenPairs(shards, range, layout, limits, shuffled, seed);
  }

  /** How many of some pairs are longer than the context allows. */
  long cut(PairShards shards) {
    return sizes(shards.shards()).cut();
  }

  /** Samples to train on, without end. */
  Dataset drawn(PairShards data) {
    List<Dataset> sources = new ArrayList<>();
    for (GivenPairs.Range range : data.training()) {
      long seed = Blended.seed(recipe.get(Settings.SEED), sources.size());
      sources.add(pairs(data.shards(), range, true, seed));
    }
    return Datasets.blended(sources, data.weights());
  }

  /** Room for batches to train on. */
  PackedOptions room(PairShards data) {
    return PairSizes.training(
        data.shards(),
        data.training(),
        layout(),
        opening(),
        recipe.get(Settings.CONTEXT),
        recipe.get(Settings.SEQUENCES),
        pad());
  }

  /** Samples to evaluate on, each pair once. */
  Dataset inOrder(PairShards.Side evaluated) {
    return pairs(evaluated.shards(), evaluated.range(), false, 0);
  }

  /** Room for batches to evaluate on. */
  PackedOptions room(PairShards.Side evaluated) {
    return sizes(evaluated.shards()).heldOut(recipe.get(Settings.SEQUENCES), pad());
  }

  private int opening() {
    return specials.opening().length;
  }

  private int pad() {
    return specials.id(Special.PAD);
  }
}
