package dev.culebra.train.inference;

import dev.culebra.data.token.Tokenizer;
import dev.culebra.data.token.Tokenizers;
import dev.culebra.models.ModelFolder;
import dev.culebra.models.dual.DualEncoder;
import dev.culebra.objectives.pairs.DualEncoderProcessor;
import dev.culebra.objectives.pairs.EncoderInput;
import dev.culebra.objectives.pairs.TextEncoding;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.device.Turns;
import dev.culebra.runtime.text.Format;
import dev.culebra.train.recipe.RunFolder;
import dev.culebra.train.setup.PairObjectiveConfig;
import dev.culebra.train.setup.TrainedRecipe;
import java.nio.file.Path;
import java.util.List;

/**
 * A trained dual encoder with all that its folder says about what it reads.
 *
 * @param encoding how texts become ids
 * @param prompts what is done to a text before
 */
record OpenDual(
    Device device,
    DualEncoder model,
    DualEncoderProcessor room,
    Tokenizer tokenizer,
    TextEncoding encoding,
    TextPrompts prompts)
    implements AutoCloseable {

  private static final int AT_ONCE = 64;

  /**
   * Opens the model of a run's folder or a model folder.
   *
   * @param purpose what needs it, for the complaint: {@code "search"}
   */
  static OpenDual open(Path folder, Device device, String purpose) {
    Path modelFolder = RunFolder.modelIn(folder);
    Tokenizer tokenizer = Tokenizers.load(ModelFolder.tokenizer(modelFolder));
    try (Turns.Turn _ = device.turn()) {
      DualEncoder model = ModelFolder.loadAsSaid(modelFolder, device, purpose);
      try {
        refuseCaptionsAlone(folder);
        DualEncoderProcessor room = DualEncoderProcessor.of(model, modelFolder);
        return new OpenDual(
            device,
            model,
            room,
            tokenizer,
            room.encoding(tokenizer),
            TextPrompts.of(modelFolder, model));
      } catch (RuntimeException e) {
        model.close();
        throw e;
      }
    } catch (RuntimeException e) {
      tokenizer.close();
      throw e;
    }
  }

  private static void refuseCaptionsAlone(Path folder) {
    if (RunFolder.exists(folder) && !PairObjectiveConfig.contrasts(TrainedRecipe.of(folder))) {
      throw new BadInputException(
          Format.text(
              "%s learned to write captions, not to find them: its embeddings were never compared;"
                  + " search a run of coca, clip or siglip, or begin one with --set model.from=%s",
              folder, folder));
    }
  }

  /**
   * A text that somebody typed, perhaps with special tokens, as the model reads it.
   *
   * @param prompt stands before it
   */
  EncoderInput typed(String prompt, String text) {
    return encoding.typed(prompts.before(prompt, text));
  }

  /**
   * A text from data as the model reads it.
   *
   * @param prompt stands before it
   */
  EncoderInput text(String prompt, String text) {
    return encoding.encode(prompts.before(prompt, text));
  }

  /** Room for embeddings, batch by batch. */
  Embedder embedder(int members, boolean left) {
    int atOnce = Math.clamp(members, 1, AT_ONCE);
    return new Embedder(device, model, left, left ? room.left(atOnce) : room.right(atOnce));
  }

  /** The embeddings of one side. */
  float[][] embed(List<? extends EncoderInput> members, boolean left) {
    try (Embedder embedder = embedder(members.size(), left)) {
      return embedder.embed(List.copyOf(members));
    }
  }

  /** Frees the model. */
  @Override
  public void close() {
    try (Turns.Turn _ = device.turn()) {
      model.close();
      tokenizer.close();
    }
  }
}
