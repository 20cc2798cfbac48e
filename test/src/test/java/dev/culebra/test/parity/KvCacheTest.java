package dev.culebra.test.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.culebra.data.batch.Batch;
import dev.culebra.models.decoder.Decoder;
import dev.culebra.models.decoder.DecoderFamily;
import dev.culebra.models.decoder.DecoderShape;
import dev.culebra.models.nn.KvCache;
import dev.culebra.models.nn.Rotary;
import dev.culebra.objectives.DeviceTokens;
import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.kernel.CrossEntropy;
import dev.culebra.runtime.tensor.Tape;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Reading a text piece by piece through the cache gives the logits of reading it at once. */
class KvCacheTest {

  private static final int VOCABULARY = 50;
  private static final int[] IDS = {3, 14, 15, 9, 26, 5, 35, 8, 9, 7, 9, 3};
  private static final int[] PIECES = {5, 1, 1, 3, 2};

  @ParameterizedTest
  @EnumSource(DecoderFamily.class)
  void piecesEqualWhole(DecoderFamily family) {
    DecoderShape shape =
        new DecoderShape(
            family,
            VOCABULARY,
            16,
            24,
            3,
            4,
            family.groupedQueries() ? 2 : 4,
            40,
            1e-5,
            Rotary.of(10_000),
            true);
    try (Device device = CpuDevice.open(2);
        Decoder decoder = new Decoder(device, shape);
        KvCache cache = new KvCache(device, shape.stack(), shape.layers(), shape.context())) {
      decoder.parameters().initialize(5);
      float[] whole = logits(device, decoder, null, 0, IDS.length);
      int from = 0;
      for (int count : PIECES) {
        float[] piece = logits(device, decoder, cache, from, count);
        cache.advance(count);
        for (int i = 0; i < piece.length; i++) {
          // Sums over keys run in another order: a few units in the last place of logits below 1.
          assertThat(piece[i]).isCloseTo(whole[from * VOCABULARY + i], within(1e-5f));
        }
        from += count;
      }
    }
  }

  private static float[] logits(
      Device device, Decoder decoder, KvCache cache, int from, int count) {
    Batch batch = new Batch(1, 16);
    batch.begin();
    batch.beginSegment();
    for (int i = from; i < from + count; i++) {
      batch.add(IDS[i], i, 0, i + 1, Batch.IGNORE);
    }
    batch.finish();
    float[] logits = new float[count * VOCABULARY];
    try (DeviceTokens input = new DeviceTokens(device, "test", 16, VOCABULARY, decoder.context());
        Tape tape = Tape.forwardOnly(device)) {
      input.upload(batch);
      Buffer computed =
          decoder
              .head(CrossEntropy.PLAIN, 1 << 20)
              .logits(tape, decoder.forward(tape, input.rows(), cache));
      device.download(MemorySegment.ofArray(logits), computed);
      computed.release();
    }
    return logits;
  }
}
