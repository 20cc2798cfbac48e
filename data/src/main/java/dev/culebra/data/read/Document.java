package dev.culebra.data.read;

/**
 * One text, and where it came from.
 *
 * @param text never empty
 * @param source a file, with {@code :line} for a line of a file
 */
public record Document(String text, String source) {}
