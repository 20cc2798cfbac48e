package dev.culebra.train.setup;

import dev.culebra.data.image.Preprocessing;
import dev.culebra.data.image.PreprocessorConfig;
import dev.culebra.data.token.Special;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.data.token.Tokenizer;
import dev.culebra.models.ModelFolder;
import dev.culebra.models.RoutedFolder;
import dev.culebra.models.dual.DecoderTexts;
import dev.culebra.models.dual.DualEncoder;
import dev.culebra.models.dual.ImageTextEncoder;
import dev.culebra.models.dual.ImageTextShape;
import dev.culebra.models.dual.TextEncoders;
import dev.culebra.models.dual.TextReading.Pooled;
import dev.culebra.models.nn.Model.TokenIds;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.io.DurableFiles;
import dev.culebra.runtime.io.Json;
import dev.culebra.train.setup.WrittenTokens.Frame;
import dev.culebra.train.setup.WrittenTokens.Reader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * A dual encoder's folder with what the Python world needs beside weights and configuration: for
 * one encoder of texts the modules of Sentence Transformers (how its rows are pooled, then unit
 * length), for images beside texts how images become numbers.
 */
public final class EmbeddingFolder {

  private static final String MODULES = "sentence_transformers.models.";

  private EmbeddingFolder() {}

  /**
   * Writes the model's folder, file by file, each replaced as a whole.
   *
   * @param images how they become what the model reads; null if it reads none
   */
  public static void save(
      Path folder,
      Device device,
      DualEncoder model,
      Preprocessing images,
      Path tokenizerFile,
      Tokenizer tokenizer)
      throws IOException {
    switch (model) {
      case TextEncoders texts -> {
        WrittenTokens tokens = new WrittenTokens(tokenizerFile, tokenizer, Frame.NONE, -1);
        TokenIds ids = tokens.ids(ids(texts, tokenizer), Reader.ENCODER);
        ModelFolder.save(folder, device, model, ids, tokenizerFile);
        TokenIds padded = // texts of a batch are filled up, whatever the model calls that
            ids.pad() >= 0 ? ids : new TokenIds(ids.begin(), ids.ends(), tokenizer.endOfText(), -1);
        tokens.write(folder, padded, Reader.ENCODER, texts.context());
        if (texts.shared()) {
          oneEncoder(folder, texts);
        } else {
          for (String part : RoutedFolder.PARTS) {
            tokens.write(folder.resolve(part), padded, Reader.ENCODER, texts.context());
          }
          twoEncoders(folder, texts);
        }
      }
      case DecoderTexts _ -> throw new IllegalStateException("decoders learn no embeddings here");
      case ImageTextEncoder both -> {
        SpecialTokens specials = SpecialTokens.in(tokenizer, 0);
        int end = specials.id(Special.END);
        TokenIds ids =
            new TokenIds(specials.id(Special.BEGIN), List.of(end), specials.id(Special.PAD), -1);
        ModelFolder.save(folder, device, model, ids, tokenizerFile);
        Reader reader =
            both.shape().design() == ImageTextShape.Design.CLIP ? Reader.OTHER : Reader.ENCODER;
        new WrittenTokens(tokenizerFile, tokenizer, Frame.BOTH, -1)
            .write(folder, ids, reader, both.context());
        write(folder, PreprocessorConfig.FILE, PreprocessorConfig.write(images));
      }
    }
  }

  /** Encoders that are asked tokens have learned texts between a begin and an end, too. */
  private static TokenIds ids(TextEncoders model, Tokenizer tokenizer) {
    if (!model.fillsMasks()) {
      return TokenIds.ending(tokenizer.endOfText());
    }
    SpecialTokens specials = SpecialTokens.in(tokenizer, 0);
    return new TokenIds(
        specials.id(Special.BEGIN),
        List.of(specials.id(Special.END)),
        specials.id(Special.PAD),
        -1);
  }

  private static void oneEncoder(Path folder, TextEncoders model) throws IOException {
    Files.createDirectories(folder.resolve("2_Normalize"));
    transformer(folder, model);
    pooling(folder.resolve("1_Pooling"), model);
    whole(folder);
    write(
        folder,
        "modules.json",
        List.of(
            module(0, "", "Transformer"),
            module(1, "1_Pooling", "Pooling"),
            module(2, "2_Normalize", "Normalize")));
  }

  /** One encoder for queries and one for documents, which is also the one of what is neither. */
  private static void twoEncoders(Path folder, TextEncoders model) throws IOException {
    Files.createDirectories(folder.resolve("1_Normalize"));
    ObjectNode router = Json.MAPPER.createObjectNode();
    ObjectNode types = router.putObject("types");
    ObjectNode routes = router.putObject("structure");
    for (String part : RoutedFolder.PARTS) {
      String route = part.substring(0, part.indexOf('_'));
      String pools = route + "_1_Pooling";
      transformer(folder.resolve(part), model);
      pooling(folder.resolve(pools), model);
      types.put(part, MODULES + "Transformer").put(pools, MODULES + "Pooling");
      routes.putArray(route).add(part).add(pools);
    }
    router
        .putObject("parameters")
        .put("default_route", "document")
        .put("allow_empty_key", true)
        .putObject("route_mappings");
    whole(folder);
    write(
        folder,
        "modules.json",
        List.of(module(0, "", "Router"), module(1, "1_Normalize", "Normalize")));
    write(folder, RoutedFolder.ROUTER, router);
  }

  private static void transformer(Path folder, TextEncoders model) throws IOException {
    write(
        folder,
        "sentence_bert_config.json",
        Json.MAPPER.createObjectNode().put("max_seq_length", model.context()));
  }

  private static void pooling(Path folder, TextEncoders model) throws IOException {
    Files.createDirectories(folder);
    write(folder, "config.json", pooling(model));
  }

  private static void whole(Path folder) throws IOException {
    ObjectNode whole = Json.MAPPER.createObjectNode().put("model_type", "SentenceTransformer");
    whole.putObject("prompts").put("query", "").put("document", "");
    whole.putNull("default_prompt_name").put("similarity_fn_name", "cosine");
    write(folder, "config_sentence_transformers.json", whole);
  }

  /** By the keys that every release reads. */
  private static ObjectNode pooling(TextEncoders model) {
    Pooled pooled = model.reading().pooled();
    return Json.MAPPER
        .createObjectNode()
        .put("word_embedding_dimension", model.dimension())
        .put("pooling_mode_cls_token", pooled == Pooled.CLS)
        .put("pooling_mode_mean_tokens", pooled == Pooled.MEAN)
        .put("pooling_mode_max_tokens", false)
        .put("pooling_mode_mean_sqrt_len_tokens", false)
        .put("pooling_mode_weightedmean_tokens", false)
        .put("pooling_mode_lasttoken", pooled == Pooled.LAST)
        .put("include_prompt", true);
  }

  private static ObjectNode module(int index, String path, String type) {
    return Json.MAPPER
        .createObjectNode()
        .put("idx", index)
        .put("name", "" + index)
        .put("path", path)
        .put("type", MODULES + type);
  }

  private static void write(Path folder, String name, Object content) throws IOException {
    DurableFiles.replace(folder.resolve(name), Json.content(content));
  }
}
