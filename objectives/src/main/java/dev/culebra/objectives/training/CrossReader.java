package dev.culebra.objectives.training;

import dev.culebra.objectives.architecture.EncoderDecoder;
import dev.culebra.objectives.batch.PackedExamples;
import dev.culebra.objectives.objective.PackedSlot;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.kernel.CrossEntropy;
import dev.culebra.runtime.tensor.LanguageHead;
import dev.culebra.runtime.tensor.Tape;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * An encoder-decoder that writes to a source text. Both stacks compute anew for each token: what it
 * writes is short.
 */
final class CrossReader implements TokenReader {

  private final Device device;
  private final EncoderDecoder model;
  private final LanguageHead head;
  private final float[] logits;
  private int[] source;
  private int[] written;
  private PackedSlot slot;
  private int room;

  CrossReader(Device device, EncoderDecoder model) {
    this.device = device;
    this.model = model;
    this.head = model.head(CrossEntropy.PLAIN, 1 << 25);
    this.logits = new float[model.vocabulary()];
  }

  @Override
  public float[] begin(Prompt prompt) {
    source = prompt.source();
    if (source.length > model.context()) {
      throw new BadInputException(
          "the prompt takes %d tokens, but the model has %d positions: give a shorter one"
              .formatted(source.length, model.context()));
    }
    written = prompt.begun();
    close(); // the place for another source
    return read();
  }

  @Override
  public float[] next(int id) {
    if (written.length == model.context()) {
      return null;
    }
    written = Arrays.copyOf(written, written.length + 1);
    written[written.length - 1] = id;
    return read();
  }

  private float[] read() {
    if (slot == null || written.length > room) {
      close();
      room = Math.max(32, Math.multiplyExact(2, written.length));
      slot = new PackedSlot(device, new PackedExamples(1, source.length, room), model);
    }
    PackedExamples host = new PackedExamples(1, source.length, room);
    host.begin();
    host.add(source, written);
    host.finish(source[0]);
    slot.upload(host);
    try (Tape tape = Tape.forwardOnly(device)) {
      Buffer all = head.logits(tape, model.forward(tape, slot.input()));
      device.download(
          MemorySegment.ofArray(logits),
          all.slice((written.length - 1L) * logits.length, logits.length));
      all.release();
    }
    return logits;
  }

  @Override
  public void close() {
    if (slot != null) {
      slot.close();
      slot = null;
    }
  }
}
