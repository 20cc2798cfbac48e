package dev.culebra.bindings;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Says in words what file system exceptions say by their class. */
final class IoReason {

  private IoReason() {}

  static String of(IOException e) {
    return switch (e) {
      case AccessDeniedException _ -> "permission denied";
      case NoSuchFileException missing -> "no such file: " + missing.getFile();
      case FileAlreadyExistsException existing -> "not a folder: " + existing.getFile();
      case FileSystemException other ->
          other.getReason() == null ? other.toString() : other.getReason();
      default -> e.getMessage() == null ? e.toString() : e.getMessage();
    };
  }
}
