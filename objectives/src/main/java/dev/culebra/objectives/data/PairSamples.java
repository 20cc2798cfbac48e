package dev.culebra.objectives.data;

import dev.culebra.objectives.architecture.TokenModel;
import dev.culebra.objectives.batch.Blended;
import dev.culebra.objectives.batch.GivenPairs;
import dev.culebra.objectives.batch.PackedOptions;
import dev.culebra.objectives.batch.Sampling;
import dev.culebra.objectives.batch.Samplings;
import dev.culebra.objectives.corruption.Arrangement;
import dev.culebra.objectives.corruption.SourceTarget;
import dev.culebra.objectives.corruption.Special;
import dev.culebra.objectives.corruption.SpecialTokens;
import dev.culebra.objectives.recipe.Recipe;
import dev.culebra.objectives.recipe.Settings;
import dev.culebra.objectives.token.TokenShards;
import java.util.ArrayList;
import java.util.List;

/** The samples that become of given pairs of texts: the model writes the second of the first. */
record PairSamples(Recipe recipe, SpecialTokens specials, TokenModel.Arrangement stacks) {

  private Arrangement arrangement() {
    return stacks == TokenModel.Arrangement.DECODER
        ? Arrangement.DECODER
        : Arrangement.ENCODER_DECODER;
  }

  private PairSizes sizes(TokenShards shards) {
    return PairSizes.of(shards, arrangement(), opening(), recipe.get(Settings.CONTEXT));
  }

  private GivenPairs pairs(
      TokenShards shards, GivenPairs.Range range, boolean shuffled, long seed) {
    SourceTarget layout = new SourceTarget(specials, arrangement());
    GivenPairs.Limits limits =
        PairSizes.limits(arrangement(), opening(), recipe.get(Settings.CONTEXT));
    return new GivenPairs(shards, range, layout, limits, shuffled, seed);
  }

  /** How many of some pairs are longer than the context allows. */
  long cut(PairShards shards) {
    return sizes(shards.shards()).cut();
  }

  /** Samples to train on, without end. */
  Sampling drawn(PairShards data) {
    List<Sampling> sources = new ArrayList<>();
    for (GivenPairs.Range range : data.training()) {
      long seed = Blended.seed(recipe.get(Settings.SEED), sources.size());
      sources.add(pairs(data.shards(), range, true, seed));
    }
    return Samplings.blended(sources, data.weights());
  }

  /** Room for batches to train on. */
  PackedOptions room(PairShards data) {
    return PairSizes.training(
        data.shards(),
        data.training(),
        arrangement(),
        opening(),
        recipe.get(Settings.CONTEXT),
        recipe.get(Settings.SEQUENCES),
        pad());
  }

  /** Samples to judge by, each pair once. */
  Sampling inOrder(PairShards.Side judged) {
    return pairs(judged.shards(), judged.range(), false, 0);
  }

  /** Room for batches to judge by. */
  PackedOptions room(PairShards.Side judged) {
    return sizes(judged.shards()).heldOut(recipe.get(Settings.SEQUENCES), pad());
  }

  private int opening() {
    return specials.opening().length;
  }

  private int pad() {
    return specials.id(Special.PAD);
  }
}
