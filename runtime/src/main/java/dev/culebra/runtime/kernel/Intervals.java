package dev.culebra.runtime.kernel;

import dev.culebra.runtime.device.Buffer;

/**
 * The keys that each query may see: row i sees keys {@code start[i]} to {@code end[i]}, the latter
 * excluded.
 *
 * <p>Both arrays are non-decreasing over the rows; a row that sees nothing is {@code [e, e)} with e
 * the end before it. Causal, bidirectional, prefix, padded, packed, windowed and cross attention
 * are all of this form.
 *
 * @param start I32, one per query
 * @param end I32, one per query
 */
public record Intervals(Buffer start, Buffer end) {}
