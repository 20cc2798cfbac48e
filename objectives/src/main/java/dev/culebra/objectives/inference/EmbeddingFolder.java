package dev.culebra.objectives.inference;

import dev.culebra.objectives.architecture.DualEncoder;
import dev.culebra.objectives.architecture.ImageTextEncoder;
import dev.culebra.objectives.architecture.Model.TokenIds;
import dev.culebra.objectives.architecture.ModelFolder;
import dev.culebra.objectives.architecture.TextEncoders;
import dev.culebra.objectives.corruption.Special;
import dev.culebra.objectives.corruption.SpecialTokens;
import dev.culebra.objectives.image.Preprocessing;
import dev.culebra.objectives.image.PreprocessorConfig;
import dev.culebra.objectives.token.Tokenizer;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.io.DurableFiles;
import dev.culebra.runtime.io.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * A dual encoder's folder with what the Python world needs beside weights and configuration: for
 * one encoder of texts the modules of Sentence Transformers (mean pooling, then unit length), for
 * pictures beside texts how pictures become numbers.
 */
public final class EmbeddingFolder {

  private static final String MODULES = "sentence_transformers.models.";

  private EmbeddingFolder() {}

  /**
   * Writes the model's folder, file by file, each replaced as a whole.
   *
   * @param pictures how they become what the model reads; null if it reads none
   */
  public static void save(
      Path folder,
      Device device,
      DualEncoder model,
      Preprocessing pictures,
      Path tokenizerFile,
      Tokenizer tokenizer)
      throws IOException {
    switch (model) {
      case TextEncoders texts -> {
        ModelFolder.save(folder, device, model, ids(texts, tokenizer), tokenizerFile);
        String end = tokenizer.token(tokenizer.endOfText());
        write(folder, "tokenizer_config.json", tokenizer(texts, end, end));
        if (texts.shared()) {
          sentenceTransformer(folder, texts);
        }
      }
      case ImageTextEncoder both -> {
        SpecialTokens specials = SpecialTokens.in(tokenizer, 0);
        int pad = specials.id(Special.PAD);
        int end = specials.id(Special.END);
        TokenIds ids = new TokenIds(specials.id(Special.BEGIN), end, pad);
        ModelFolder.save(folder, device, model, ids, tokenizerFile);
        write(
            folder,
            "tokenizer_config.json",
            tokenizer(both, tokenizer.token(pad), tokenizer.token(end)));
        write(folder, PreprocessorConfig.FILE, PreprocessorConfig.write(pictures));
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
        specials.id(Special.BEGIN), specials.id(Special.END), specials.id(Special.PAD));
  }

  private static ObjectNode tokenizer(DualEncoder model, String pad, String end) {
    return Json.MAPPER
        .createObjectNode()
        .put("tokenizer_class", "PreTrainedTokenizerFast")
        .put("model_max_length", model.context())
        .put("pad_token", pad)
        .put("eos_token", end);
  }

  private static void sentenceTransformer(Path folder, TextEncoders model) throws IOException {
    write(
        folder,
        "modules.json",
        List.of(
            module(0, "", "Transformer"),
            module(1, "1_Pooling", "Pooling"),
            module(2, "2_Normalize", "Normalize")));
    write(
        folder,
        "sentence_bert_config.json",
        Json.MAPPER.createObjectNode().put("max_seq_length", model.context()));
    Files.createDirectories(folder.resolve("2_Normalize"));
    Files.createDirectories(folder.resolve("1_Pooling"));
    write(
        folder.resolve("1_Pooling"),
        "config.json",
        Json.MAPPER
            .createObjectNode()
            .put("word_embedding_dimension", model.dimension())
            .put("pooling_mode_cls_token", false)
            .put("pooling_mode_mean_tokens", true));
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
