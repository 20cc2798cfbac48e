package dev.culebra.runtime.device;

/** A device has no room for an allocation; the message lists the largest holders. */
public final class OutOfDeviceMemoryException extends RuntimeException {

  /** No room for {@code bytes} under {@code name} on {@code device}, whose memory is held so. */
  public OutOfDeviceMemoryException(String device, String name, long bytes, MemoryReport report) {
    super(
        "no room on "
            + device
            + " for "
            + MemoryReport.size(bytes)
            + " of '"
            + name
            + "': "
            + MemoryReport.size(report.used())
            + " are held, most of it by "
            + report.largest(8)
            + "; use a smaller batch, context or model");
  }
}
