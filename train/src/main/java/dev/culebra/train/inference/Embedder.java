package dev.culebra.train.inference;

import dev.culebra.models.dual.DualEncoder;
import dev.culebra.models.nn.TowerInput;
import dev.culebra.objectives.pairs.EncoderBatch;
import dev.culebra.objectives.pairs.EncoderInput;
import dev.culebra.objectives.pairs.EncoderInputs;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.device.Turns;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.runtime.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;

/** Embeddings of any number of texts or images, batch by batch, on the host. Threads take turns. */
public final class Embedder implements AutoCloseable {

  private final Device device;
  private final BiFunction<Tape, TowerInput, Tensor> tower;
  private final EncoderBatch host;
  private final EncoderInputs slot;
  private final Buffer floats;
  private final int dimension;

  /**
   * An embedder.
   *
   * @param left whether members are queries
   * @param room for as many members as are embedded at once
   */
  public Embedder(Device device, DualEncoder model, boolean left, EncoderBatch room) {
    this.device = device;
    this.tower = left ? model::left : model::right;
    this.host = room;
    this.dimension = model.dimension();
    try (Turns.Turn _ = device.turn()) {
      this.slot = EncoderInputs.of(device, "members", room, model);
      this.floats = device.allocate("embeddings", DType.F32, (long) room.capacity() * dimension);
    }
  }

  /** The embedding of each member. */
  public float[][] embed(List<EncoderInput> members) {
    try (Turns.Turn _ = device.turn()) {
      return inTurn(members);
    }
  }

  private float[][] inTurn(List<EncoderInput> members) {
    float[][] all = new float[members.size()][];
    for (int from = 0; from < all.length; from += host.capacity()) {
      int to = Math.min(all.length, from + host.capacity());
      host.begin();
      members.subList(from, to).forEach(host::add);
      host.finish();
      slot.load(host);
      slot.swap();
      float[] values = new float[(to - from) * dimension];
      try (Tape tape = Tape.forwardOnly(device)) {
        Tensor embeddings = tower.apply(tape, slot.input());
        Buffer part = floats.slice(0, values.length);
        device.kernels().copy(part, embeddings.data());
        device.download(MemorySegment.ofArray(values), part);
      }
      for (int i = from; i < to; i++) {
        all[i] = Arrays.copyOfRange(values, (i - from) * dimension, (i - from + 1) * dimension);
      }
    }
    return all;
  }

  /** Brings an embedding to unit length; zeros stay zeros. */
  static void toUnitLength(float[] embedding) {
    double sum = 0;
    for (float value : embedding) {
      sum += (double) value * value;
    }
    double length = Math.max(Math.sqrt(sum), 1e-12);
    for (int i = 0; i < embedding.length; i++) {
      embedding[i] = (float) (embedding[i] / length);
    }
  }

  /** The product of two embeddings: their cosine if they have unit length. */
  public static float product(float[] a, float[] b) {
    float sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  @Override
  public void close() {
    try (Turns.Turn _ = device.turn()) {
      slot.close();
      if (floats.alive()) {
        floats.release();
      }
    }
  }
}
