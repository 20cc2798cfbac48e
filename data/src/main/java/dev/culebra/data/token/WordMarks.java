package dev.culebra.data.token;

import tools.jackson.databind.JsonNode;

/**
 * How tokens tell where words begin, by the kind of a tokenizer.
 *
 * @param kind what tells
 * @param mark the prefix or suffix that does, where one does
 */
public record WordMarks(Kind kind, String mark) {

  /** What tells where a word begins. */
  public enum Kind {
    /** White space at the beginning of a token's text. */
    WHITE_SPACE,
    /** A prefix begins a word: SentencePiece's {@code ▁}. */
    BEGINNING,
    /** A prefix continues a word: WordPiece's {@code ##}. */
    CONTINUATION,
    /** A suffix ends a word: CLIP's {@code </w>}. */
    ENDING,
    /** Every token is a word, or nothing tells. */
    EACH
  }

  /** That of byte-level BPE. */
  public static final WordMarks BYTES = new WordMarks(Kind.WHITE_SPACE, "");

  /** The marks of a file, by its model, normalizer, pre_tokenizer and decoder. */
  static WordMarks of(JsonNode root) {
    JsonNode model = root.path("model");
    String type = model.path("type").stringValue("");
    String prefix = model.path("continuing_subword_prefix").stringValue("");
    if (type.equals("WordLevel")) {
      return new WordMarks(Kind.EACH, "");
    }
    if (type.equals("WordPiece") || !prefix.isEmpty()) {
      boolean usual = model.path("continuing_subword_prefix").isMissingNode();
      String continues = usual ? "##" : prefix;
      return continues.isEmpty()
          ? new WordMarks(Kind.EACH, "")
          : new WordMarks(Kind.CONTINUATION, continues);
    }
    String suffix = model.path("end_of_word_suffix").stringValue("");
    if (!suffix.isEmpty()) {
      return new WordMarks(Kind.ENDING, suffix);
    }
    String space = space(root.path("pre_tokenizer"));
    space = space == null ? space(root.path("normalizer")) : space;
    space = space == null ? space(root.path("decoder")) : space;
    if (space == null) {
      return new WordMarks(
          cutsAtSpace(root.path("pre_tokenizer")) ? Kind.EACH : Kind.WHITE_SPACE, "");
    }
    return space.isEmpty() ? BYTES : new WordMarks(Kind.BEGINNING, space);
  }

  /** What a stage writes for a space: a mark; nothing if it writes bytes; null if it keeps it. */
  private static String space(JsonNode stage) {
    switch (stage.path("type").stringValue("")) {
      case "ByteLevel" -> {
        return "";
      }
      case "Metaspace" -> {
        return stage.path("replacement").stringValue("▁");
      }
      case "Replace" -> {
        String from = stage.path("pattern").path("String").stringValue("");
        String to = stage.path("content").stringValue("");
        if (from.equals(" ") && !to.isBlank()) {
          return to; // a normalizer
        }
        return to.equals(" ") && !from.isBlank() ? from : null; // a decoder
      }
      case "Sequence" -> {
        for (String list : new String[] {"pretokenizers", "normalizers", "decoders"}) {
          for (JsonNode inner : stage.path(list)) {
            String found = space(inner);
            if (found != null) {
              return found;
            }
          }
        }
        return null;
      }
      default -> {
        return null;
      }
    }
  }

  /** Whether white space is thrown away between words, so that no token shows it. */
  private static boolean cutsAtSpace(JsonNode stage) {
    return switch (stage.path("type").stringValue("")) {
      case "Whitespace", "WhitespaceSplit", "BertPreTokenizer" -> true;
      case "Split", "CharDelimiterSplit" ->
          stage.path("behavior").stringValue("Removed").equals("Removed");
      case "Sequence" -> {
        for (JsonNode inner : stage.path("pretokenizers")) {
          if (cutsAtSpace(inner)) {
            yield true;
          }
        }
        yield false;
      }
      default -> false;
    };
  }
}
