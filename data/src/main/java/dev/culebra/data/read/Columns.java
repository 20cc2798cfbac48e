package dev.culebra.data.read;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.Notes;
import dev.culebra.runtime.text.Format;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Which columns of a file of tab- or comma-separated values make a pair: the first two and perhaps
 * a third, or those that a header names.
 *
 * @param source its number, from 0
 * @param target its number
 * @param group its number; -1 for none
 * @param count how many there are; 0 for two or three
 */
record Columns(int source, int target, int group, int count) {

  /** Those of a file without a header. */
  static final Columns USUAL = new Columns(0, 1, 2, 0);

  /** What headers are made of. */
  private static final Set<String> WORDS =
      Set.of(
          ("source target group src tgt trg text texts label labels sentence sentences query"
               + " queries question questions answer answers response responses reply prompt"
               + " prompts completion completions input inputs output outputs context passage"
               + " passages document documents doc docs title titles body content summary article"
               + " headline review reviews sentiment class classes category categories topic tag"
               + " intent emotion anchor positive premise hypothesis claim evidence score"
               + " similarity id idx index key value word term definition gloss translation"
               + " original paraphrase english french german spanish italian portuguese russian"
               + " chinese japanese korean polish dutch latin en de fr es it pt ru zh ja ko nl pl"
               + " cs tr ar hi file files filename path image images img picture caption captions"
               + " description name url user assistant instruction lemma phrase language lang"
               + " string type lines utterance tweet comment message abstract code docstring"
               + " function")
              .split(" "));

  /** Of these, such as hardly stand in data: beside one, any other name will do. */
  private static final Set<String> SURE =
      Set.of(
          "source target src tgt trg label labels caption captions class category sentiment intent score"
              .split(" "));

  /** Names of a third column that says what rows belong together. */
  private static final Set<String> GROUPS = Set.of("group", "groupid", "id", "cluster", "key");

  private static final int MOST_PARTS = 3;

  /**
   * The columns of a file by its first line, and a note if it is a header.
   *
   * @return null if it is none
   * @throws BadInputException if it is one that does not say which columns are meant
   */
  static Columns named(PairFields fields, Place where, List<String> cells) {
    List<String> names = cells.stream().map(String::strip).toList();
    boolean header =
        switch (fields.header()) {
          case YES -> true;
          case NO -> false;
          case AUTO -> isHeader(fields, names);
        };
    if (!header) {
      return null;
    }
    Columns columns = of(fields, where, names);
    List<String> others = new ArrayList<>(names);
    others.set(columns.source, null);
    others.set(columns.target, null);
    if (columns.group >= 0) {
      others.set(columns.group, null);
    }
    others.removeIf(name -> name == null);
    Notes.tell(
        Format.text(
            "%s is a header and no %s%s%s",
            where,
            fields.isOneColumn()
                ? Format.text("text: those of \"%s\" are taken", names.get(columns.source))
                : Format.text(
                    "pair: the first text is \"%s\", the second \"%s\"",
                    names.get(columns.source), names.get(columns.target)),
            columns.group < 0 ? "" : ", the group \"" + names.get(columns.group) + "\"",
            others.isEmpty() ? "" : "; not read: " + String.join(", ", others)));
    return columns;
  }

  private static Columns of(PairFields fields, Place where, List<String> names) {
    List<String> lower = names.stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
    int source = lower.indexOf(fields.source().toLowerCase(Locale.ROOT));
    int target = lower.indexOf(fields.target().toLowerCase(Locale.ROOT));
    int group = lower.indexOf(fields.group().toLowerCase(Locale.ROOT));
    boolean byName = source >= 0 && target >= 0;
    boolean byPlace = !fields.isOneColumn() && source <= 0 && (target < 0 || target == 1);
    if (!byName && (!byPlace || names.size() < 2 || names.size() > 3)) {
      if (fields.isOneColumn()) {
        throw new FileFault(
            Format.text(
                "%s is a header of %s: there is no column %s",
                where, String.join(", ", names), fields.source()));
      }
      throw new FileFault(
          Format.text(
              "%s is a header of %s: name one of them in data.sourceField and another in"
                  + " data.targetField",
              where, String.join(", ", names)));
    }
    if (!byName && names.size() == 3 && GROUPS.contains(lower.getLast())) {
      group = 2;
    }
    return new Columns(
        byName ? source : 0,
        byName ? target : 1,
        fields.group().isEmpty() ? -1 : group,
        names.size());
  }

  private static boolean isHeader(PairFields fields, List<String> names) {
    if (names.size() < 2 || Set.copyOf(names).size() < names.size() || areCounted(names)) {
      return false;
    }
    boolean all = true;
    boolean plain = true;
    boolean sure = false;
    for (String name : names) {
      List<String> parts = parts(name);
      boolean field = List.of(fields.source(), fields.target(), fields.group()).contains(name);
      boolean known = !parts.isEmpty() && parts.size() <= MOST_PARTS && WORDS.containsAll(parts);
      all &= field || known;
      plain &= field || name.matches("[A-Za-z][A-Za-z0-9_.-]*");
      sure |= field || (parts.size() == 1 && SURE.contains(parts.getFirst()));
    }
    return all || (plain && sure);
  }

  /**
   * Whether each has a number, as in "query 7" beside "answer 7", but not "text1" beside "text2".
   */
  private static boolean areCounted(List<String> names) {
    return names.stream().allMatch(name -> name.chars().anyMatch(Character::isDigit))
        && names.stream().map(Columns::parts).distinct().count() > 1;
  }

  /** The words of a name in one of the usual ways of writing: a_b, a-b, aB, a b, a1. */
  private static List<String> parts(String name) {
    String[] parts =
        name.replaceAll("([a-z])([A-Z])", "$1 $2").toLowerCase(Locale.ROOT).split("[^\\p{L}]+");
    return Arrays.stream(parts).filter(part -> !part.isEmpty()).toList();
  }

  /**
   * The pair in a row.
   *
   * @param between what parts cells, for people
   */
  TextPair pair(PairFields fields, Place where, List<String> cells, String between) {
    int size = cells.size();
    if (count == 0 ? size < 2 || size > 3 : size != count) {
      throw new BadInputException(
          count == 0
              ? Format.text(
                  "%s has %s parted by %s, not %s, %s and perhaps %s",
                  where,
                  Format.count(size, "cells"),
                  between,
                  fields.source(),
                  fields.target(),
                  fields.group())
              : Format.text(
                  "%s has %s parted by %s, not the %d of the header",
                  where, Format.count(size, "cells"), between, count));
    }
    String of = group >= 0 && group < size ? cells.get(group) : "";
    return fields.pair(cells.get(source), cells.get(target), of, List.of(), where);
  }
}
