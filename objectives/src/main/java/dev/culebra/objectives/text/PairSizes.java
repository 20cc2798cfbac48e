package dev.culebra.objectives.text;

import dev.culebra.data.token.TokenShards;
import dev.culebra.objectives.text.corruption.SampleLayout;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.util.List;

/**
 * How many rows batches of given pairs need. What is longer than the model's context is cut off.
 *
 * @param layout how a pair is laid out
 * @param opening how many tokens stand before each side for an encoder and a decoder
 * @param limits the most tokens of each side
 * @param encoder rows of the encoder
 * @param decoder rows of the decoder
 * @param cut how many pairs lose tokens
 */
public record PairSizes(
    SampleLayout layout,
    int opening,
    GivenPairs.Limits limits,
    RowCounts encoder,
    RowCounts decoder,
    long cut) {

  /**
   * The sizes of all pairs.
   *
   * @throws BadInputException if the context has no room for a pair
   */
  public static PairSizes of(TokenShards shards, SampleLayout layout, int opening, int context) {
    int all = Math.toIntExact(shards.documents() / 2);
    return of(
        shards, new GivenPairs.Range(0, all), layout, opening, limits(layout, opening, context));
  }

  /** Room for batches of each of several sources, in whatever proportion. */
  public static PackedOptions training(
      TokenShards shards,
      List<GivenPairs.Range> sources,
      SampleLayout layout,
      int opening,
      int context,
      int pairs,
      int pad) {
    PackedOptions all = of(shards, layout, opening, context).training(pairs, pad);
    if (sources.size() > 1) {
      for (GivenPairs.Range source : sources) {
        PairSizes sizes = of(shards, source, layout, opening, limits(layout, opening, context));
        all = all.covering(sizes.training(pairs, pad));
      }
    }
    return all;
  }

  private static PairSizes of(
      TokenShards shards,
      GivenPairs.Range range,
      SampleLayout layout,
      int opening,
      GivenPairs.Limits limits) {
    RowCounts encoder = new RowCounts();
    RowCounts decoder = new RowCounts();
    long cut = 0;
    long first = 2L * range.first();
    long start = first == 0 ? 0 : shards.documentEnd(first - 1);
    for (long document = first; document < first + 2L * range.count(); document += 2) {
      long middle = shards.documentEnd(document);
      long end = shards.documentEnd(document + 1);
      long source = Math.min(limits.source(), middle - 1 - start);
      long target = Math.min(limits.target(), end - 1 - middle);
      cut += source + target < end - 2 - start ? 1 : 0;
      switch (layout) {
        case ENCODER_DECODER -> {
          encoder.add(opening + source + 1);
          decoder.add(opening + target + 1);
        }
        case DECODER -> decoder.add(source + target + 2);
      }
      start = end;
    }
    return new PairSizes(layout, opening, limits, encoder, decoder, cut);
  }

  /** Each side has a token that ends it; a decoder alone reads a start token, too. */
  public static GivenPairs.Limits limits(SampleLayout layout, int opening, int context) {
    boolean alone = layout == SampleLayout.DECODER;
    int source = alone ? (context - 2) / 2 : context - 1 - opening;
    int target = alone ? context - 2 - source : context - 1 - opening;
    if (source < 1 || target < 1) {
      throw new BadInputException(
          Format.text("model.context %d leaves no room for a pair of texts: set more", context));
    }
    return new GivenPairs.Limits(source, target);
  }

  private PackedOptions training(int pairs, int pad) {
    return options(pairs, encoder.drawn(pairs), decoder.drawn(pairs), pad);
  }

  /** Room for batches to evaluate on, which leave nothing out. */
  public PackedOptions heldOut(int pairs, int pad) {
    return options(pairs, encoder.any(pairs), decoder.any(pairs), pad);
  }

  private PackedOptions options(int pairs, int encoderRows, int decoderRows, int pad) {
    int reading = layout == SampleLayout.DECODER ? 1 : encoderRows;
    return new PackedOptions(pairs, 1, false, pairs, reading, decoderRows, pad);
  }
}
