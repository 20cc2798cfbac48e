package dev.culebra.data.read;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.runtime.BadInputException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Bad input is refused with one sentence. */
final class Refusals {
  private Refusals() {}

  static void assertRefused(ThrowingCallable call, String message) {
    assertThatThrownBy(call).isInstanceOf(BadInputException.class).hasMessage(message);
  }
}
