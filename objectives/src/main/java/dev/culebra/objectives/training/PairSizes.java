package dev.culebra.objectives.training;

import dev.culebra.objectives.batch.GivenPairs;
import dev.culebra.objectives.batch.PackedOptions;
import dev.culebra.objectives.corruption.Arrangement;
import dev.culebra.objectives.token.TokenShards;
import dev.culebra.runtime.BadInputException;
import java.util.List;

/**
 * How many rows batches of given pairs need. What is longer than the model's context is cut off.
 *
 * @param arrangement how a pair is laid out
 * @param limits the most tokens of each side
 * @param encoder rows of the encoder
 * @param decoder rows of the decoder
 * @param cut how many pairs lose tokens
 */
record PairSizes(
    Arrangement arrangement, GivenPairs.Limits limits, Rows encoder, Rows decoder, long cut) {

  /**
   * Rows per pair on one side.
   *
   * @param mean of all pairs
   * @param deviation of all pairs
   * @param most of any pair
   */
  record Rows(double mean, double deviation, int most) {

    /**
     * Room for {@code pairs} drawn ones: four deviations above their expected rows, which one batch
     * in thirty thousand exceeds; the pair that finds no room is left out.
     */
    int drawn(int pairs) {
      double room = pairs * mean + 4 * Math.sqrt(pairs) * deviation;
      long all = Math.multiplyExact((long) pairs, (long) most);
      return Math.toIntExact(Math.clamp(Math.round(Math.ceil(room)), most, all));
    }

    /** At least as much as either asks for. */
    Rows or(Rows other) {
      return new Rows(
          Math.max(mean, other.mean),
          Math.max(deviation, other.deviation),
          Math.max(most, other.most));
    }

    /** Room for any {@code pairs}. */
    int any(int pairs) {
      return Math.multiplyExact(pairs, most);
    }
  }

  /** Adds up lengths. */
  private static final class Tally {
    private double sum;
    private double squares;
    private long count;
    private int most = 1;

    void add(long rows) {
      sum += rows;
      squares += (double) rows * rows;
      count++;
      most = Math.max(most, Math.toIntExact(rows));
    }

    Rows rows() {
      double mean = sum / Math.max(1, count);
      return new Rows(
          mean, Math.sqrt(Math.max(0, squares / Math.max(1, count) - mean * mean)), most);
    }
  }

  /**
   * The sizes of all pairs.
   *
   * @throws BadInputException if the context has no room for a pair
   */
  static PairSizes of(TokenShards shards, Arrangement arrangement, int context) {
    int all = Math.toIntExact(shards.documents() / 2);
    return of(shards, new GivenPairs.Range(0, all), arrangement, limits(arrangement, context));
  }

  /** These sizes with room for each of several sources, in whatever proportion. */
  PairSizes roomFor(TokenShards shards, List<GivenPairs.Range> sources) {
    Rows reading = encoder;
    Rows writing = decoder;
    if (sources.size() > 1) {
      for (GivenPairs.Range source : sources) {
        PairSizes sizes = of(shards, source, arrangement, limits);
        reading = reading.or(sizes.encoder);
        writing = writing.or(sizes.decoder);
      }
    }
    return new PairSizes(arrangement, limits, reading, writing, cut);
  }

  private static PairSizes of(
      TokenShards shards,
      GivenPairs.Range range,
      Arrangement arrangement,
      GivenPairs.Limits limits) {
    Tally encoder = new Tally();
    Tally decoder = new Tally();
    long cut = 0;
    long first = 2L * range.first();
    long start = first == 0 ? 0 : shards.documentEnd(first - 1);
    for (long document = first; document < first + 2L * range.count(); document += 2) {
      long middle = shards.documentEnd(document);
      long end = shards.documentEnd(document + 1);
      long source = Math.min(limits.source(), middle - 1 - start);
      long target = Math.min(limits.target(), end - 1 - middle);
      cut += source + target < end - 2 - start ? 1 : 0;
      switch (arrangement) {
        case ENCODER_DECODER -> {
          encoder.add(source + 1);
          decoder.add(target + 1);
        }
        case DECODER -> decoder.add(source + target + 2);
      }
      start = end;
    }
    return new PairSizes(arrangement, limits, encoder.rows(), decoder.rows(), cut);
  }

  /** Each side has a token that ends it; a decoder alone reads a start token, too. */
  private static GivenPairs.Limits limits(Arrangement arrangement, int context) {
    int source = arrangement == Arrangement.DECODER ? (context - 2) / 2 : context - 1;
    int target = arrangement == Arrangement.DECODER ? context - 2 - source : context - 1;
    if (source < 1 || target < 1) {
      throw new BadInputException(
          "model.context %d leaves no room for a pair of texts: set more".formatted(context));
    }
    return new GivenPairs.Limits(source, target);
  }

  /** Room for batches to train on. */
  PackedOptions training(int pairs, int pad) {
    return options(pairs, encoder.drawn(pairs), decoder.drawn(pairs), pad);
  }

  /** Room for batches to judge by, which leave nothing out. */
  PackedOptions heldOut(int pairs, int pad) {
    return options(pairs, encoder.any(pairs), decoder.any(pairs), pad);
  }

  private PackedOptions options(int pairs, int encoderRows, int decoderRows, int pad) {
    int reading = arrangement == Arrangement.DECODER ? 1 : encoderRows;
    return new PackedOptions(pairs, 1, false, pairs, reading, decoderRows, pad);
  }
}
