package dev.culebra.runtime.device;

/** A device that was asked for is not here; the message says what was looked for and why not. */
public final class NoSuchDeviceException extends RuntimeException {

  /** One sentence, then one line per attempt. */
  public NoSuchDeviceException(String message) {
    super(message);
  }
}
