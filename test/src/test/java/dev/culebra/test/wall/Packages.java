package dev.culebra.test.wall;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.List;

/** One slice per package below a root, the root among them; some packages may count as one. */
final class Packages implements SliceAssignment {

  private final String root;
  private final List<String> united;

  /**
   * The packages below {@code root}.
   *
   * @param united simple names of packages that make one slice together
   */
  Packages(String root, String... united) {
    this.root = root;
    this.united = List.of(united);
  }

  @Override
  public SliceIdentifier getIdentifierOf(JavaClass type) {
    String name = type.getPackageName();
    if (!name.equals(root) && !name.startsWith(root + ".")) {
      return SliceIdentifier.ignore();
    }
    String first = name.substring(root.length()).replaceFirst("^\\.", "");
    return SliceIdentifier.of(united.contains(first) ? String.join(" and ", united) : first);
  }

  @Override
  public String getDescription() {
    return "packages of " + root + (united.isEmpty() ? "" : ", " + united + " as one");
  }
}
