package dev.culebra.data.token;

import java.io.ByteArrayOutputStream;
import java.util.List;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.PrettyPrinter;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.core.util.Separators;

/**
 * Writes a byte-level BPE as a Hugging Face {@code tokenizer.json}: model BPE, and ByteLevel
 * before, after and in decoding, without a space put before the text. Merges are written as {@code
 * "left right"}, which old and new readers take.
 */
final class TokenizerJsonWriter {
  /** The streaming writer alone: it starts many times faster than Jackson's data binding. */
  private static final JsonFactory FACTORY = new JsonFactory();

  private static final ObjectWriteContext PRETTY =
      new ObjectWriteContext.Base() {
        @Override
        public PrettyPrinter getPrettyPrinter() {
          return new DefaultPrettyPrinter(
                  Separators.createDefaultInstance()
                      .withObjectNameValueSpacing(Separators.Spacing.AFTER))
              .withArrayIndenter(new DefaultIndenter("  ", "\n"))
              .withObjectIndenter(new DefaultIndenter("  ", "\n"));
        }
      };

  private TokenizerJsonWriter() {}

  /** The text of the file, in UTF-8. */
  static byte[] json(BpeVocabulary vocabulary) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = FACTORY.createGenerator(PRETTY, out)) {
      write(vocabulary, json);
    }
    return out.toByteArray();
  }

  private static void write(BpeVocabulary vocabulary, JsonGenerator json) {
    json.writeStartObject();
    json.writeStringProperty("version", "1.0");
    json.writeNullProperty("truncation");
    json.writeNullProperty("padding");
    json.writeArrayPropertyStart("added_tokens");
    for (int id : vocabulary.specials()) {
      writeSpecial(id, vocabulary.tokens().get(id), json);
    }
    json.writeEndArray();
    json.writeNullProperty("normalizer");
    for (String stage : List.of("pre_tokenizer", "post_processor", "decoder")) {
      json.writeObjectPropertyStart(stage);
      json.writeStringProperty("type", "ByteLevel");
      json.writeBooleanProperty("add_prefix_space", false);
      json.writeBooleanProperty("trim_offsets", true);
      json.writeBooleanProperty("use_regex", true);
      json.writeEndObject();
    }
    writeModel(vocabulary, json);
    json.writeEndObject();
  }

  private static void writeSpecial(int id, String content, JsonGenerator json) {
    json.writeStartObject();
    json.writeNumberProperty("id", id);
    json.writeStringProperty("content", content);
    json.writeBooleanProperty("single_word", false);
    json.writeBooleanProperty("lstrip", false);
    json.writeBooleanProperty("rstrip", false);
    json.writeBooleanProperty("normalized", false);
    json.writeBooleanProperty("special", true);
    json.writeEndObject();
  }

  private static void writeModel(BpeVocabulary vocabulary, JsonGenerator json) {
    List<String> tokens = vocabulary.tokens();
    json.writeObjectPropertyStart("model");
    json.writeStringProperty("type", "BPE");
    json.writeNullProperty("dropout");
    json.writeNullProperty("unk_token");
    json.writeNullProperty("continuing_subword_prefix");
    json.writeNullProperty("end_of_word_suffix");
    json.writeBooleanProperty("fuse_unk", false);
    json.writeBooleanProperty("byte_fallback", false);
    json.writeBooleanProperty("ignore_merges", false);
    json.writeObjectPropertyStart("vocab");
    for (int id = 0; id < tokens.size(); id++) {
      json.writeNumberProperty(tokens.get(id), id);
    }
    json.writeEndObject();
    json.writeArrayPropertyStart("merges");
    for (long pair : vocabulary.merges()) {
      json.writeString(tokens.get(PairMap.left(pair)) + " " + tokens.get(PairMap.right(pair)));
    }
    json.writeEndArray();
    json.writeEndObject();
  }
}
