package dev.culebra.runtime.io;

import dev.culebra.runtime.text.Format;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Pieces of the sentences that users read. */
final class IoErrors {
  private static final int LONGEST_QUOTE = 120;

  private IoErrors() {}

  /** The text in quotation marks, shortened, with control characters made visible. */
  static String quote(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    int end = Math.min(text.length(), LONGEST_QUOTE);
    for (int i = 0; i < end; i++) {
      char c = text.charAt(i);
      boolean plain = !Character.isISOControl(c) && !Character.isSurrogate(c) && c != '"';
      quoted.append(
          plain || pairedAt(text, i) ? String.valueOf(c) : Format.text("\\u%04x", (int) c));
    }
    return quoted.append(end < text.length() ? "...\"" : "\"").toString();
  }

  private static boolean pairedAt(String text, int i) {
    char c = text.charAt(i);
    return Character.isHighSurrogate(c)
        ? i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))
        : Character.isLowSurrogate(c) && i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
  }

  /** Why a file operation failed, without the path (the sentence around it names that). */
  static String reason(IOException e) {
    return switch (e) {
      case NoSuchFileException _ -> "no such file or folder";
      case AccessDeniedException _ -> "permission denied";
      case FileAlreadyExistsException _ -> "a file of that name is in the way";
      case NotDirectoryException _ -> "not a folder";
      case CharacterCodingException _ -> "its bytes are not UTF-8";
      case EOFException _ -> "it ends too early";
      case FileSystemException f when f.getReason() != null -> f.getReason();
      default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    };
  }
}
