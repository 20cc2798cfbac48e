package dev.culebra.train.setup;

/**
 * What an objective needs of a vocabulary beside text.
 *
 * @param specials whether it needs tokens that begin, end, separate, hide
 * @param sentinels how many hidden spans it tells apart
 */
public record Vocabulary(boolean specials, int sentinels) {}
