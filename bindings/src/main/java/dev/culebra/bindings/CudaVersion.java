package dev.culebra.bindings;

/** A version of CUDA, as drivers and compilers state it: {@code 13.0}. */
public record CudaVersion(int major, int minor) implements Comparable<CudaVersion> {

  /**
   * From the form that the driver and the headers use: 1000 times the major plus 10 times the
   * minor.
   */
  static CudaVersion ofDriver(int version) {
    return new CudaVersion(version / 1000, version % 1000 / 10);
  }

  @Override
  public int compareTo(CudaVersion other) {
    return major == other.major
        ? Integer.compare(minor, other.minor)
        : Integer.compare(major, other.major);
  }

  @Override
  public String toString() {
    return major + "." + minor;
  }
}
