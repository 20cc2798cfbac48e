package dev.culebra.models.nn;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.Intervals;

/**
 * The flattened rows of sequences of tokens.
 *
 * @param ids I32, N token ids
 * @param types I32, N: 0, or 1 in the second of two texts; null where nobody reads them
 * @param positions I32, N
 * @param intervals which of the N rows each may see
 * @param count N
 */
public record TokenRows(
    Buffer ids, Buffer types, Buffer positions, Intervals intervals, long count) {}
