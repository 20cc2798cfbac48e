package dev.culebra.data.token;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * What a tokenizer puts around a text: the {@code post_processor} of its {@code tokenizer.json}.
 *
 * @param begin ids before a text
 * @param end ids behind it
 */
public record Template(List<Integer> begin, List<Integer> end) {

  /** Texts as they are. */
  public static final Template NONE = new Template(List.of(), List.of());

  /** Copies the lists. */
  public Template {
    begin = List.copyOf(begin);
    end = List.copyOf(end);
  }

  /** Whether nothing is put around a text. */
  public boolean isEmpty() {
    return begin.isEmpty() && end.isEmpty();
  }

  /** How many tokens it adds at most. */
  public int size() {
    return begin.size() + end.size();
  }

  /** A text with what belongs before and behind it; what stands there already is not doubled. */
  public int[] frame(int[] ids) {
    int[] opened = begins(ids) ? ids : join(array(begin), ids);
    return ends(opened) ? opened : join(opened, array(end));
  }

  /** A text with what belongs before it; what stands there already is not doubled. */
  public int[] open(int[] ids) {
    return begins(ids) ? ids : join(array(begin), ids);
  }

  private boolean begins(int[] ids) {
    return ids.length >= begin.size()
        && Arrays.equals(Arrays.copyOf(ids, begin.size()), array(begin));
  }

  private boolean ends(int[] ids) {
    int from = ids.length - end.size();
    return from >= begin.size()
        && Arrays.equals(Arrays.copyOfRange(ids, from, ids.length), array(end));
  }

  private static int[] array(List<Integer> ids) {
    return ids.stream().mapToInt(Integer::intValue).toArray();
  }

  private static int[] join(int[] first, int[] second) {
    int[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  /**
   * The template of a file.
   *
   * @throws BadInputException if it has a template for one text that cannot be followed
   */
  static Template read(TokenizerFile file) {
    return read(file, file.root().path("post_processor"));
  }

  private static Template read(TokenizerFile file, JsonNode node) {
    if (node.isMissingNode() || node.isNull()) {
      return NONE;
    }
    return switch (node.path("type").stringValue("")) {
      case "ByteLevel" -> NONE;
      case "BertProcessing", "RobertaProcessing" ->
          new Template(List.of(pair(file, node, "cls")), List.of(pair(file, node, "sep")));
      case "TemplateProcessing" -> template(file, node);
      case "Sequence" -> {
        Template all = NONE;
        for (JsonNode inner : node.path("processors")) {
          all = all.within(read(file, inner));
        }
        yield all;
      }
      default -> throw new IllegalStateException(node.path("type").toString()); // was checked
    };
  }

  /** This template's text within an outer one. */
  private Template within(Template outer) {
    List<Integer> before = new ArrayList<>(outer.begin);
    before.addAll(begin);
    List<Integer> behind = new ArrayList<>(end);
    behind.addAll(outer.end);
    return new Template(before, behind);
  }

  private static int pair(TokenizerFile file, JsonNode node, String key) {
    JsonNode pair = node.path(key);
    return checked(file, pair.path(0).stringValue(""), pair.path(1));
  }

  private static Template template(TokenizerFile file, JsonNode node) {
    List<Integer> begin = new ArrayList<>();
    List<Integer> end = new ArrayList<>();
    boolean met = false;
    for (JsonNode piece : node.path("single")) {
      if (piece.has("Sequence")) {
        if (met || !piece.path("Sequence").path("id").stringValue("").equals("A")) {
          throw unsupported(file.path());
        }
        met = true;
      } else {
        String name = piece.path("SpecialToken").path("id").stringValue("");
        (met ? end : begin).addAll(ids(file, name, node.path("special_tokens").path(name)));
      }
    }
    if (!met) {
      throw unsupported(file.path());
    }
    return new Template(begin, end);
  }

  private static List<Integer> ids(TokenizerFile file, String name, JsonNode token) {
    JsonNode ids = token.path("ids");
    if (!ids.isArray() || ids.isEmpty()) {
      throw TokenizerFile.bad(
          file.path(), Format.text("has a post_processor that puts in \"%s\" without ids", name));
    }
    List<Integer> all = new ArrayList<>();
    for (int i = 0; i < ids.size(); i++) {
      all.add(checked(file, token.path("tokens").path(i).stringValue(name), ids.get(i)));
    }
    return all;
  }

  /** Two copies of what must agree: the vocabulary's id of a token, and the template's. */
  private static int checked(TokenizerFile file, String token, JsonNode id) {
    int own = file.tokens().indexOf(token);
    if (own < 0 || !id.isIntegralNumber() || id.longValue(-1) != own) {
      throw TokenizerFile.bad(
          file.path(),
          Format.text(
              "has a post_processor that puts in \"%s\" as id %s, but its vocabulary %s",
              token, id, own < 0 ? "has no such token" : "gives it the id " + own));
    }
    return own;
  }

  private static BadInputException unsupported(Path path) {
    return new BadInputException(
        path
            + " has a post_processor whose template for one text does not hold that text once: only"
            + " tokens before and behind it are supported");
  }
}
