package dev.culebra.train.inference;

import dev.culebra.data.read.BadRows;
import dev.culebra.data.read.Images;
import dev.culebra.data.read.LabelledImage;
import dev.culebra.data.token.Special;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.data.token.Tokenizer;
import dev.culebra.models.ModelFolder;
import dev.culebra.models.dual.ImageTextEncoder;
import dev.culebra.models.nn.Model;
import dev.culebra.objectives.pairs.DualEncoderProcessor;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.device.Turns;
import dev.culebra.runtime.text.Format;
import dev.culebra.train.recipe.RunFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Writes captions to images with a trained model of caption or coca, one token at a time. Threads
 * take turns, a caption long.
 */
public final class Captioner implements AutoCloseable {

  /**
   * A caption.
   *
   * @param file the image's
   * @param text as it was written, in one line
   * @param tokens after the one that begins a caption, without the one that ends it
   * @param ended whether it came to an end of its own, or there was no more room
   */
  public record Caption(Path file, String text, List<Integer> tokens, boolean ended) {}

  private final Device device;
  private final ImageTextEncoder model;
  private final DualEncoderProcessor room;
  private final boolean owns;
  private final Tokenizer tokenizer;
  private final SpecialTokens specials;
  private final CaptionReader reader;
  private final TextWriter writer;

  /** A writer by a model that reads images, which the caller keeps. */
  public Captioner(Device device, DualEncoderProcessor room, Tokenizer tokenizer) {
    this(device, room, tokenizer, false);
  }

  private Captioner(Device device, DualEncoderProcessor room, Tokenizer tokenizer, boolean owns) {
    this.device = device;
    this.model = (ImageTextEncoder) room.model();
    this.room = room;
    this.owns = owns;
    this.tokenizer = tokenizer;
    this.specials = SpecialTokens.in(tokenizer, 0);
    try (Turns.Turn _ = device.turn()) {
      this.reader = new CaptionReader(device, model, room);
    }
    this.writer =
        new TextWriter(
            reader,
            tokenizer,
            id -> id == tokenizer.endOfText() || specials.isSpecial(id),
            WritingRules.NONE);
  }

  /**
   * Opens the model of a run's folder or a model folder.
   *
   * @throws BadInputException if it writes no captions
   */
  public static Captioner open(Path folder, Device device) {
    try (Turns.Turn _ = device.turn()) {
      return opened(folder, device);
    }
  }

  private static Captioner opened(Path folder, Device device) {
    Path place = RunFolder.modelIn(folder);
    ImageTextEncoder model = load(folder, place, device);
    return Generator.made(
        place,
        model,
        model.vocabulary(),
        tokenizer -> new Captioner(device, DualEncoderProcessor.of(model, place), tokenizer, true));
  }

  private static ImageTextEncoder load(Path folder, Path place, Device device) {
    Model model = ModelFolder.load(place, device);
    if (model instanceof ImageTextEncoder both && both.captions()) {
      return both;
    }
    try (model) {
      throw new BadInputException(
          Format.text(
              "%s holds a model that %s: --image is for one of caption or coca; this is %s",
              folder,
              model instanceof ImageTextEncoder ? "writes no captions" : "reads no images",
              model.description()));
    }
  }

  /** Refuses to write without an image. */
  static BadInputException wantsImage(Path folder) {
    return new BadInputException(
        folder
            + " holds a model that writes to images: give one, or a folder of them, by --image"
            + " PATH");
  }

  /**
   * Writes to each image, in the order of their names.
   *
   * @param images a .png or .jpeg file, or a folder of them; brought to the size that the model
   *     reads
   * @param begin what each caption begins with, perhaps nothing
   * @param sink receives each caption as soon as it is written
   * @return which images could not be read and why, in one line; empty if there were none
   * @throws BadInputException if there is no image, or too many are broken
   */
  public String write(
      Path images, String begin, GenerationOptions options, Consumer<Caption> sink) {
    if (!Files.exists(images)) {
      throw new BadInputException("there is no file or folder " + images);
    }
    List<Path> files = Images.files(images);
    if (files.isEmpty()) {
      throw new BadInputException(
          images
              + (Files.isDirectory(images) ? " has no image in it" : " is no image")
              + ": .png, .jpg and .jpeg files are read");
    }
    BadRows bad = new BadRows();
    Images.of(files, room.images()).read(bad, image -> sink.accept(write(image, begin, options)));
    return bad.summary();
  }

  /** Writes to one image of the size that the model reads. */
  public Caption write(LabelledImage image, String begin, GenerationOptions options) {
    int[] words = tokenizer.encodePrompt(begin);
    int[] begun = new int[words.length + 1];
    begun[0] = specials.id(Special.BEGIN);
    System.arraycopy(words, 0, begun, 1, words.length);
    TextWriter.Written written;
    try (Turns.Turn _ = device.turn()) {
      reader.look(image);
      written = writer.write(Prompt.causal(begun), options, more -> {});
    }
    IntStream tokens = IntStream.concat(Arrays.stream(words), Arrays.stream(written.ids()));
    return new Caption(
        image.where().file(),
        (begin + written.text()).strip().replaceAll("\\s+", " "),
        tokens.boxed().toList(),
        written.ended());
  }

  /** Frees what this object allocated. */
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
