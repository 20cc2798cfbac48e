package dev.culebra.runtime.kernel;

import dev.culebra.runtime.device.Buffer;

/**
 * What happens to a matrix product on its way to memory.
 *
 * @param accumulate whether the product is added to what is there
 * @param bias one value per column, or null
 * @param preActivation where the value before GELU is kept, dense and of the result's shape; the
 *     result is then GELU of it. Null for no activation
 */
public record Epilogue(boolean accumulate, Buffer bias, Buffer preActivation) {

  /** Just store the product. */
  public static final Epilogue STORE = new Epilogue(false, null, null);

  /** Add the product to what is there. */
  public static final Epilogue ADD = new Epilogue(true, null, null);

  /** An accumulated result has neither bias nor activation. */
  public Epilogue {
    if (accumulate && (bias != null || preActivation != null)) {
      throw new IllegalArgumentException("an accumulated product takes no bias and no activation");
    }
  }

  /** Adds {@code bias}, which may be null. */
  public static Epilogue bias(Buffer bias) {
    return bias == null ? STORE : new Epilogue(false, bias, null);
  }

  /** Adds {@code bias}, which may be null, keeps that, and applies GELU. */
  public static Epilogue biasGelu(Buffer bias, Buffer preActivation) {
    return new Epilogue(false, bias, preActivation);
  }

  /** {@link #ADD} or {@link #STORE}. */
  public static Epilogue accumulate(boolean accumulate) {
    return accumulate ? ADD : STORE;
  }
}
