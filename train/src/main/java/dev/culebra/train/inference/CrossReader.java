package dev.culebra.train.inference;

import dev.culebra.models.encoderdecoder.EncoderDecoder;
import dev.culebra.objectives.text.PackedExamples;
import dev.culebra.objectives.text.PackedInputs;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.kernel.CrossEntropy;
import dev.culebra.runtime.tensor.LanguageHead;
import dev.culebra.runtime.tensor.Tape;
import java.lang.foreign.MemorySegment;

/** An encoder-decoder that writes to a source text. Both stacks compute anew for each token. */
final class CrossReader extends RereadingReader {

  private final Device device;
  private final EncoderDecoder model;
  private final LanguageHead head;
  private final float[] logits;
  private int[] source;
  private PackedInputs slot;
  private int room;

  CrossReader(Device device, EncoderDecoder model) {
    super(model.context());
    this.device = device;
    this.model = model;
    this.head = model.head(CrossEntropy.PLAIN, 1 << 25);
    this.logits = new float[model.vocabulary()];
  }

  @Override
  public float[] begin(Prompt prompt) {
    source = Prompt.fitting(prompt.source(), model.context());
    close(); // the place for another source
    return readFirst(prompt.begun());
  }

  @Override
  float[] read(int[] written) {
    if (slot == null || written.length > room) {
      close();
      room = Math.max(32, Math.multiplyExact(2, written.length));
      slot = new PackedInputs(device, new PackedExamples(1, source.length, room), model);
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
