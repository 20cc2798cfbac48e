package dev.culebra.objectives;

/**
 * A micro-batch's fixed place on a device, refilled from step to step.
 *
 * <p>{@link #load} checks a batch and starts to copy it; {@link #swap} puts it in place of the one
 * before. The next batch may be loaded while the device works on this one.
 *
 * @param <B> what a micro-batch is on the host
 */
public interface DeviceInputs<B> extends AutoCloseable {

  /** Starts to copy {@code batch}, which may be reused at once. */
  void load(B batch);

  /** Puts the loaded batch in place, after all work given to the device before. */
  void swap();

  /** What the operations on the batch in place depend on beside its content. */
  Object shape();

  /** Frees the memory. */
  @Override
  void close();
}
