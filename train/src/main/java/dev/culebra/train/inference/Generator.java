package dev.culebra.train.inference;

import dev.culebra.data.token.Tokenizer;
import dev.culebra.data.token.Tokenizers;
import dev.culebra.models.ModelFolder;
import dev.culebra.models.decoder.Decoder;
import dev.culebra.models.dual.ImageTextEncoder;
import dev.culebra.models.encoderdecoder.EncoderDecoder;
import dev.culebra.models.nn.Model;
import dev.culebra.models.nn.TokenModel;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.device.Turns;
import dev.culebra.runtime.text.Format;
import dev.culebra.train.recipe.RunFolder;
import dev.culebra.train.setup.ObjectiveMix;
import dev.culebra.train.setup.TrainedRecipe;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Writes text with a trained decoder or encoder-decoder, one token at a time. A prompt is laid out
 * as the samples were that the model was trained on, as far as its run tells. Threads take turns, a
 * text long.
 */
public final class Generator implements AutoCloseable {

  private final Device device;
  private final TokenModel model;
  private final boolean owns;
  private final Tokenizer tokenizer;
  private final PromptLayout layout;
  private final TokenReader reader;
  private final TextWriter writer;
  private final GenerationFile file;

  /** A generator over a model that the caller keeps. */
  public Generator(Device device, TokenModel model, Tokenizer tokenizer, PromptLayout layout) {
    this(device, model, tokenizer, layout, GenerationFile.NONE, false);
  }

  private Generator(
      Device device,
      TokenModel model,
      Tokenizer tokenizer,
      PromptLayout layout,
      GenerationFile file,
      boolean owns) {
    this.device = device;
    this.model = model;
    this.owns = owns;
    this.tokenizer = tokenizer;
    this.layout = layout;
    this.file = file;
    try (Turns.Turn _ = device.turn()) {
      this.reader = reader(device, model);
    }
    this.writer = new TextWriter(reader, tokenizer, layout::ends, file.rules());
  }

  private static TokenReader reader(Device device, TokenModel model) {
    return switch (model) {
      case Decoder decoder -> new DecoderReader(device, decoder);
      case EncoderDecoder both -> new CrossReader(device, both);
      default ->
          throw new BadInputException(
              "an encoder writes no text, it fills masks: use 'culebra fill DIR \"a text with"
                  + " [MASK]\"'; this is "
                  + model.description());
    };
  }

  /** Opens the model of a run's folder or a model folder. */
  public static Generator open(Path folder, Device device) {
    try (Turns.Turn _ = device.turn()) {
      return opened(folder, device);
    }
  }

  private static Generator opened(Path folder, Device device) {
    Path place = RunFolder.modelIn(folder);
    TokenModel model = load(folder, place, device);
    return made(
        place,
        model,
        model.vocabulary(),
        tokenizer -> {
          PromptLayout layout =
              PromptLayout.of(ObjectiveMix.of(TrainedRecipe.of(folder)), tokenizer);
          GenerationFile file = GenerationFile.read(place, model.vocabulary());
          return new Generator(device, model, tokenizer, layout, file, true);
        });
  }

  /** What is made of a model and the tokenizer in its folder; closes both if that fails. */
  static <T> T made(Path place, Model model, int vocabulary, Function<Tokenizer, T> making) {
    Tokenizer tokenizer = null;
    T made = null;
    try {
      tokenizer = Tokenizers.load(ModelFolder.tokenizer(place));
      checkVocabulary(place, tokenizer, vocabulary);
      made = making.apply(tokenizer);
      return made;
    } finally {
      if (made == null) {
        model.close();
        if (tokenizer != null) {
          tokenizer.close();
        }
      }
    }
  }

  private static TokenModel load(Path folder, Path place, Device device) {
    Model model = ModelFolder.load(place, device);
    if (model instanceof TokenModel fits) {
      return fits;
    }
    try (model) {
      throw model instanceof ImageTextEncoder both && both.captions()
          ? Captioner.wantsImage(folder)
          : new BadInputException(
              Format.text("%s holds a model that writes no text: %s", folder, model.description()));
    }
  }

  /** Refuses a tokenizer with more ids than the model beside it. */
  static void checkVocabulary(Path folder, Tokenizer tokenizer, int vocabulary) {
    if (tokenizer.vocabularySize() > vocabulary) {
      throw new BadInputException(
          ModelFolder.tokenizer(folder)
              + " has "
              + tokenizer.vocabularySize()
              + " token ids, but the model beside it has "
              + vocabulary);
    }
  }

  /**
   * How to write to a prompt: as asked, or else as the {@code generation_config.json} of the
   * model's folder says, or else as usual.
   */
  public GenerationOptions options(
      String prompt, GenerationOptions.Asked asked, GenerationOptions usual) {
    GenerationOptions.Asked all = asked.or(file.asked());
    if (all.tokens() == null && file.longest() > 0) {
      int room = Math.max(1, file.longest() - layout.lay(prompt).begun().length);
      all = new GenerationOptions.Asked(room, all.temperature(), all.topK(), all.topP());
    }
    return all.over(usual);
  }

  /** Whether what is written for a prompt continues it, or stands for itself. */
  public boolean continues(String prompt) {
    return layout.lay(prompt).continues();
  }

  /**
   * Writes to {@code prompt}: its continuation, or the output for it. For a causal decoder, an
   * empty prompt stands for the beginning of a document. It ends with a token that ends texts.
   *
   * @param onText receives the text as it grows, the prompt excluded
   * @return the text after the prompt
   */
  public String generate(String prompt, GenerationOptions options, Consumer<String> onText) {
    return write(layout.lay(prompt), options, onText);
  }

  /** Writes to a prompt that is laid out already. */
  public String write(Prompt prompt, GenerationOptions options, Consumer<String> onText) {
    try (Turns.Turn _ = device.turn()) {
      return writer.write(prompt, options, onText).text();
    }
  }

  /** Frees what this generator allocated. */
  @Override
  public void close() {
    try (Turns.Turn _ = device.turn()) {
      reader.close();
      if (owns) {
        model.close();
        tokenizer.close();
      }
    }
  }
}
