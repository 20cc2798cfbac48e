package dev.culebra.objectives.text;

/**
 * Which samples go into a batch. A pure function of the sample's number: a resumed run draws what
 * the uninterrupted one would have drawn. One thread at a time.
 */
@FunctionalInterface
public interface Dataset {

  /** Adds sample {@code number}, counted from 0 over all epochs, as far as there is room. */
  void add(long number, PackedExamples target);
}
