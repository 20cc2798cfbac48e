package dev.culebra.train.inference;

import dev.culebra.data.batch.Batch;
import dev.culebra.models.decoder.Decoder;
import dev.culebra.models.nn.KvCache;
import dev.culebra.objectives.DeviceTokens;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.kernel.CrossEntropy;
import dev.culebra.runtime.tensor.LanguageHead;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.runtime.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A decoder that keeps the keys and values of earlier tokens. When the context of a causal one is
 * full, its later half is read again as a new beginning.
 */
final class DecoderReader implements TokenReader {

  private final Device device;
  private final Decoder decoder;
  private final LanguageHead head;
  private final KvCache cache;
  private final Batch host;
  private final DeviceTokens batch;
  private final float[] logits;
  private boolean causal;
  private int[] seen;

  DecoderReader(Device device, Decoder decoder) {
    this.device = device;
    this.decoder = decoder;
    this.head = decoder.head(CrossEntropy.PLAIN, 1 << 25);
    this.cache =
        new KvCache(
            device, decoder.shape().stack(), decoder.shape().layers(), decoder.shape().context());
    this.host = new Batch(1, decoder.context());
    this.batch =
        new DeviceTokens(
            device, "prompt", host.capacity(), decoder.vocabulary(), decoder.context());
    this.logits = new float[decoder.vocabulary()];
  }

  @Override
  public float[] begin(Prompt prompt) {
    int[] ids = prompt.begun();
    int context = decoder.context();
    causal = prompt.continues() && prompt.visible() == 0;
    seen =
        causal && ids.length > context
            ? Arrays.copyOfRange(ids, ids.length - context, ids.length)
            : Prompt.fitting(ids, context);
    cache.clear();
    read(seen, prompt.visible());
    return logits;
  }

  @Override
  public float[] next(int id) {
    seen = Arrays.copyOf(seen, seen.length + 1);
    seen[seen.length - 1] = id;
    int[] pending = {id};
    if (cache.length() == decoder.context()) {
      if (!causal) {
        return null;
      }
      cache.clear();
      int kept = Math.max(1, decoder.context() / 2);
      pending = Arrays.copyOfRange(seen, seen.length - kept, seen.length);
      seen = pending;
    }
    read(pending, 0);
    return logits;
  }

  /** Reads tokens after those in the cache; leaves the logits after the last one. */
  private void read(int[] ids, int visible) {
    host.begin();
    host.beginSegment();
    int past = cache.length();
    for (int i = 0; i < ids.length; i++) {
      host.add(ids[i], past + i, 0, Math.max(visible, past + i + 1), Batch.IGNORE);
    }
    host.finish();
    batch.upload(host);
    try (Tape tape = Tape.forwardOnly(device)) {
      Tensor hidden = decoder.forward(tape, batch.rows(), cache);
      Buffer all = head.logits(tape, hidden);
      device.download(
          MemorySegment.ofArray(logits),
          all.slice((ids.length - 1L) * logits.length, logits.length));
      all.release();
    }
    cache.advance(ids.length);
  }

  @Override
  public void close() {
    batch.close();
    cache.close();
  }
}
