package dev.culebra.test.pairs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.data.image.Normalisation;
import dev.culebra.data.read.BadRows;
import dev.culebra.data.read.ImageSize;
import dev.culebra.data.read.Images;
import dev.culebra.data.read.LabelledImage;
import dev.culebra.data.token.Special;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.data.token.Tokenizer;
import dev.culebra.data.token.Tokenizers;
import dev.culebra.models.ModelFolder;
import dev.culebra.models.dual.ImageTextEncoder;
import dev.culebra.models.dual.ImageTextShape;
import dev.culebra.objectives.pairs.CaptionBatch;
import dev.culebra.objectives.pairs.CaptionBatches;
import dev.culebra.objectives.pairs.CaptionInputs;
import dev.culebra.objectives.pairs.CaptionObjective;
import dev.culebra.objectives.pairs.CaptionObjective.Loss;
import dev.culebra.objectives.pairs.EncodedPair;
import dev.culebra.objectives.pairs.EncoderInput;
import dev.culebra.objectives.pairs.ImageBatch;
import dev.culebra.objectives.pairs.PairBatch;
import dev.culebra.objectives.pairs.PairLoss;
import dev.culebra.objectives.pairs.TextBatch;
import dev.culebra.objectives.pairs.TextBatch.Attention;
import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.kernel.StepValues;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.train.inference.Captioner;
import dev.culebra.train.inference.Captioner.Caption;
import dev.culebra.train.inference.GenerationOptions;
import dev.culebra.train.run.Run;
import dev.culebra.train.run.RunListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a model writes to images, beside what it says of the same tokens when it is trained. */
final class CaptionerTest {

  private static final GenerationOptions LIKELIEST = new GenerationOptions(200, 0, 0, 1, 1);

  @TempDir static Path folder;
  private static Device device;
  private static Path images;
  private static Path run;

  @BeforeAll
  static void train() throws IOException {
    device = CpuDevice.open(2);
    images = SmallPairs.images(folder);
    run = folder.resolve("run");
    Run.train(
        SmallPairs.recipe("caption", images, "schedule.steps=60", "optimizer.learningRate=0.01"),
        run,
        false,
        device,
        new RunListener() {});
  }

  @AfterAll
  static void close() {
    device.close();
  }

  private static List<Caption> write(String begin, GenerationOptions options) {
    List<Caption> captions = new ArrayList<>();
    try (Captioner captioner = Captioner.open(run, device)) {
      assertThat(captioner.write(images, begin, options, captions::add)).isEmpty();
    }
    assertThat(captions).hasSize(32);
    return captions;
  }

  /**
   * All rows of a caption at once, as in training, put first what was written with the later rows
   * not there yet: no row sees what comes after it, and positions and images are the same.
   */
  @Test
  void writesWhatTheTrainedRowsPutFirst() {
    List<Caption> captions = write("", LIKELIEST);
    assertThat(captions.stream().map(Caption::text).distinct().count()).isGreaterThan(1);
    try (ImageTextEncoder model =
            ModelFolder.load(run.resolve("model"), device, ImageTextEncoder.class, "test");
        Tokenizer tokenizer = Tokenizers.load(ModelFolder.tokenizer(run.resolve("model")))) {
      SpecialTokens specials = SpecialTokens.in(tokenizer, 0);
      List<EncodedPair> pairs = new ArrayList<>();
      Images.of(captions.stream().map(Caption::file).toList(), new ImageSize(8, 3, true))
          .read(
              new BadRows(),
              image -> {
                int i = pairs.size();
                EncoderInput text =
                    new EncoderInput.Words(framed(captions.get(i), specials, model.context()));
                pairs.add(new EncodedPair(image(image), text, List.of(), i, i, i));
              });
      CaptionObjective objective =
          new CaptionObjective(model, PairLoss.of("clip"), List.of(0.0, 1.0, 0.0));
      CaptionBatch batch = room(model.shape(), pairs.size());
      CaptionBatches.heldOut(pairs, pairs.size(), 1, _ -> batch).fill(0, batch);
      try (CaptionInputs slot = objective.slot(device, batch);
          Tape tape = Tape.forwardOnly(device)) {
        slot.load(batch);
        slot.swap();
        long asked = batch.captions().rows().labelCount();
        assertThat(asked).isGreaterThan(2 * 32);
        Buffer values = device.allocate("values", DType.F32, StepValues.COUNT);
        device.kernels().fill(values, 0);
        assertThat(objective.parts()).containsExactly(Loss.CAPTION);
        assertThat(objective.hits(tape, slot, batch, values)).containsExactly(asked);
        values.release();
      }
    }
  }

  private static EncoderInput image(LabelledImage image) {
    return new EncoderInput.Image(image);
  }

  /** The tokens between begin and end, as far as there is room; the end only if it was written. */
  private static int[] framed(Caption caption, SpecialTokens specials, int context) {
    IntStream begun =
        IntStream.concat(
            IntStream.of(specials.id(Special.BEGIN)),
            caption.tokens().stream().mapToInt(Integer::intValue));
    IntStream end = caption.ended() ? IntStream.of(specials.id(Special.END)) : IntStream.empty();
    return IntStream.concat(begun, end).limit(context).toArray();
  }

  private static CaptionBatch room(ImageTextShape s, int count) {
    int[][] known = IntStream.range(0, count).mapToObj(i -> new int[] {i}).toArray(int[][]::new);
    PairBatch pairs =
        new PairBatch(
            count,
            0,
            0,
            n ->
                new ImageBatch(
                    n, s.image(), s.channels(), s.patch(), Normalisation.centred(s.channels())),
            n -> new TextBatch(n, s.context(), Attention.CAPTION),
            known);
    return new CaptionBatch(pairs, new TextBatch(1, s.context(), Attention.WHOLE), null);
  }

  @Test
  void drawsTheSameForTheSameSeed() {
    GenerationOptions first = new GenerationOptions(6, 1, 0, 1, 1);
    GenerationOptions second = new GenerationOptions(6, 1, 0, 1, 2);
    assertThat(write("", first)).isEqualTo(write("", first)).isNotEqualTo(write("", second));
    assertThat(write("a red", first)).allMatch(caption -> caption.text().startsWith("a red"));
  }
}
