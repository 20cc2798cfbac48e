package dev.culebra.runtime.cuda;

/** A call of the CUDA driver, NVRTC or cuBLAS that failed. */
public final class CudaException extends RuntimeException {

  private final int code;
  private final String name;
  private final String call;

  /**
   * A failed call.
   *
   * @param code what it returned
   * @param name the code's name, such as {@code CUDA_ERROR_ILLEGAL_ADDRESS}
   * @param description what the library says about it
   * @param call the function
   */
  CudaException(int code, String name, String description, String call) {
    super(call + " failed: " + name + " (" + code + "), " + description);
    this.code = code;
    this.name = name;
    this.call = call;
  }

  /** What the call returned. */
  public int code() {
    return code;
  }

  /** The code's name in the library's headers. */
  public String name() {
    return name;
  }

  /** The function that failed. */
  public String call() {
    return call;
  }
}
