package dev.culebra.runtime;

import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Sentences for whoever runs the program: something was read that changes nothing, or that is done
 * in another way than its author may expect. They are no errors; the work goes on.
 *
 * <p>A caller takes them by {@link #to}. Without one they go to the {@link System.Logger} named
 * {@code dev.culebra}, at level INFO.
 */
public final class Notes {
  private static final ScopedValue<Consumer<String>> TAKER = ScopedValue.newInstance();

  private Notes() {}

  /**
   * Does some work and gives its notes, each sentence once, to a taker. Notes of other threads that
   * the work starts are not among them.
   *
   * @throws E what the work throws
   */
  public static <R, E extends Throwable> R to(
      Consumer<String> taker, ScopedValue.CallableOp<R, E> work) throws E {
    Set<String> told = new HashSet<>();
    return ScopedValue.where(
            TAKER,
            sentence -> {
              if (told.add(sentence)) {
                taker.accept(sentence);
              }
            })
        .call(work);
  }

  /** Says a sentence; what it quotes is shown in printable characters of one line. */
  public static void tell(String text) {
    String sentence = Printable.line(text);
    if (TAKER.isBound()) {
      TAKER.get().accept(sentence);
    } else {
      System.getLogger("dev.culebra").log(System.Logger.Level.INFO, sentence);
    }
  }
}
