package dev.culebra.test.parity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.data.batch.Batch;
import dev.culebra.data.batch.HostIntervals;
import dev.culebra.data.token.Special;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.data.token.Text;
import dev.culebra.models.bert.Encoder;
import dev.culebra.models.bert.EncoderShape;
import dev.culebra.models.decoder.Decoder;
import dev.culebra.models.decoder.DecoderFamily;
import dev.culebra.models.decoder.DecoderShape;
import dev.culebra.models.encoderdecoder.EncoderDecoder;
import dev.culebra.models.encoderdecoder.EncoderDecoderShape;
import dev.culebra.models.nn.Rotary;
import dev.culebra.models.nn.TokenModel;
import dev.culebra.objectives.text.PackedExamples;
import dev.culebra.objectives.text.PackedInputs;
import dev.culebra.objectives.text.corruption.Corruption;
import dev.culebra.objectives.text.corruption.TextObjective;
import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.kernel.Activation;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.runtime.tensor.Tensor;
import dev.culebra.test.lane.Seeds;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.BitSet;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Through whole models: another token in one row changes no output of a row that must not see it,
 * in packed samples of every arrangement. Which rows may change is found by following the
 * intervals.
 */
final class VisibilityTest {

  private static final int CASES = 200;
  private static final int CONTEXT = 16;
  private static final int WORDS = 40;
  private static final SpecialTokens SPECIALS = SpecialTokens.behind(WORDS, 10);
  private static final int VOCABULARY = SPECIALS.vocabulary();

  /** Models, and the corruption whose samples they read. */
  enum Case {
    DECODER(VisibilityTest::llama, TextObjective.CLM, "gpt"),
    PREFIX_DECODER(VisibilityTest::gpt2, TextObjective.PREFIX_LM, "t5-decoder"),
    ENCODER(VisibilityTest::bert, TextObjective.MLM, "bert"),
    T5(device -> both(device, EncoderDecoderShape.Family.T5), TextObjective.SPAN_CORRUPTION, "t5"),
    BART(
        device -> both(device, EncoderDecoderShape.Family.BART),
        TextObjective.DENOISING,
        "fairseq");

    private final Function<Device, TokenModel> model;
    private final Corruption corruption;

    Case(Function<Device, TokenModel> model, TextObjective objective, String profile) {
      this.model = model;
      this.corruption = objective.corruption(profile, SPECIALS);
    }
  }

  private static TokenModel llama(Device device) {
    return new Decoder(
        device,
        new DecoderShape(
            DecoderFamily.LLAMA, VOCABULARY, CONTEXT, 16, 2, 2, 1, 32, 1e-5, Rotary.of(1e4), true));
  }

  private static TokenModel gpt2(Device device) {
    return new Decoder(
        device,
        new DecoderShape(
            DecoderFamily.GPT2, VOCABULARY, CONTEXT, 16, 2, 2, 2, 32, 1e-5, Rotary.of(1e4), true));
  }

  private static TokenModel bert(Device device) {
    return new Encoder(
        device,
        new EncoderShape(
            VOCABULARY,
            CONTEXT,
            16,
            2,
            2,
            32,
            1e-5,
            Activation.GELU_TANH,
            EncoderShape.Head.TOKENS));
  }

  private static TokenModel both(Device device, EncoderDecoderShape.Family family) {
    return new EncoderDecoder(
        device,
        new EncoderDecoderShape(
            family,
            VOCABULARY,
            CONTEXT,
            16,
            2,
            2,
            2,
            8,
            32,
            1e-5,
            Activation.GELU_TANH,
            family == EncoderDecoderShape.Family.T5,
            family == EncoderDecoderShape.Family.BART,
            8,
            16));
  }

  @ParameterizedTest
  @EnumSource
  void anotherTokenChangesOnlyRowsThatSeeIt(Case tested) {
    long seed = Seeds.all().getFirst();
    SplittableRandom random = new SplittableRandom(seed);
    try (Device device = CpuDevice.open(1);
        TokenModel model = tested.model.apply(device)) {
      model.parameters().initialize(seed);
      PackedExamples batch = new PackedExamples(8, 3 * CONTEXT, 3 * CONTEXT);
      int changes = 0;
      try (PackedInputs slot = new PackedInputs(device, batch, model)) {
        for (int i = 0; i < CASES; i++) {
          fill(batch, tested.corruption, random);
          boolean encoder = hasTwo(model) ? random.nextBoolean() : reads(model);
          changes += check(device, model, slot, batch, encoder, random, seed);
        }
      }
      assertThat(changes).as("rows that changed").isGreaterThan(CASES);
    }
  }

  private static boolean hasTwo(TokenModel model) {
    return model.architecture() == TokenModel.Architecture.ENCODER_DECODER;
  }

  private static boolean reads(TokenModel model) {
    return model.architecture() == TokenModel.Architecture.ENCODER;
  }

  private static void fill(PackedExamples batch, Corruption corruption, SplittableRandom random) {
    batch.begin();
    int samples = 2 + random.nextInt(3);
    for (int sample = 0; sample < samples; sample++) {
      int[] tokens = random.ints(2 + random.nextInt(10), 0, WORDS).toArray();
      batch.add(corruption.sample(Text.of(tokens), random.nextLong(), 0, sample));
    }
    batch.finish(SPECIALS.id(Special.PAD));
  }

  /** Changes one row's token; returns how many rows of the output changed. */
  private static int check(
      Device device,
      TokenModel model,
      PackedInputs slot,
      PackedExamples batch,
      boolean encoder,
      SplittableRandom random,
      long seed) {
    Batch side = encoder ? batch.encoder() : batch.decoder();
    int row = random.nextInt(side.segmentStarts()[side.segments() - 1]);
    float[][] before = outputs(device, model, slot, batch);
    int id = side.ids()[row];
    side.ids()[row] = (id + 1 + random.nextInt(VOCABULARY - 1)) % VOCABULARY;
    float[][] after = outputs(device, model, slot, batch);
    BitSet mayChange = mayChange(model, batch, encoder, row);
    int changed = 0;
    for (int i = 0; i < before.length; i++) {
      boolean same = Arrays.equals(before[i], after[i]);
      assertThat(same || mayChange.get(i))
          .as(
              "row %d changed with %s row %d; seed %d",
              i, encoder ? "encoder" : "decoder", row, seed)
          .isTrue();
      changed += same ? 0 : 1;
    }
    assertThat(changed)
        .as("some row sees row %d; seed %d", row, seed)
        .isGreaterThanOrEqualTo(mayChange.isEmpty() ? 0 : 1);
    return changed;
  }

  private static float[][] outputs(
      Device device, TokenModel model, PackedInputs slot, PackedExamples batch) {
    slot.upload(batch);
    try (Tape tape = Tape.forwardOnly(device)) {
      Tensor rows = model.forward(tape, slot.input());
      float[] all = new float[Math.toIntExact(rows.rows() * rows.width())];
      device.download(MemorySegment.ofArray(all), rows.data());
      int width = Math.toIntExact(rows.width());
      float[][] outputs = new float[all.length / width][];
      Arrays.setAll(outputs, i -> Arrays.copyOfRange(all, i * width, (i + 1) * width));
      return outputs;
    }
  }

  /** The rows of the output to which a row leads, step by step along the intervals. */
  private static BitSet mayChange(
      TokenModel model, PackedExamples batch, boolean encoder, int row) {
    BitSet decoder = new BitSet();
    if (encoder) {
      BitSet source = new BitSet();
      source.set(row);
      spread(batch.encoder().attention(), source);
      if (!hasTwo(model)) {
        return source;
      }
      join(batch.cross(), source, decoder);
    } else {
      decoder.set(row);
    }
    spread(batch.decoder().attention(), decoder);
    return decoder;
  }

  private static void spread(HostIntervals intervals, BitSet rows) {
    int before;
    do {
      before = rows.cardinality();
      join(intervals, rows, rows);
    } while (rows.cardinality() > before);
  }

  private static void join(HostIntervals intervals, BitSet keys, BitSet queries) {
    for (int i = 0; i < intervals.rows(); i++) {
      int key = keys.nextSetBit(intervals.starts()[i]);
      if (key >= 0 && key < intervals.ends()[i]) {
        queries.set(i);
      }
    }
  }
}
