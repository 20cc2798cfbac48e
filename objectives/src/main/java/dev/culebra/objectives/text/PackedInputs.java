package dev.culebra.objectives.text;

import dev.culebra.models.nn.TokenInput;
import dev.culebra.models.nn.TokenModel;
import dev.culebra.models.nn.TokenModel.Architecture;
import dev.culebra.objectives.DeviceInputs;
import dev.culebra.objectives.DeviceTokens;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.device.Inlet;
import dev.culebra.runtime.kernel.Intervals;
import dev.culebra.runtime.tensor.LanguageHead;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The place of a batch of corrupted samples: those of its sides that the model has, and what joins
 * them.
 */
public final class PackedInputs implements DeviceInputs<PackedExamples> {

  private final Architecture architecture;
  private final DeviceTokens encoder;
  private final DeviceTokens decoder;
  private final Joint joint;

  /** A place for batches of the size of {@code like}, read by {@code model}. */
  public PackedInputs(Device device, PackedExamples like, TokenModel model) {
    this.architecture = model.architecture();
    int encoderRows = like.encoder().capacity();
    int decoderRows = like.decoder().capacity();
    this.encoder =
        architecture == Architecture.DECODER ? null : batch(device, encoderRows, model, "encoder");
    this.decoder =
        architecture == Architecture.ENCODER ? null : batch(device, decoderRows, model, "decoder");
    this.joint =
        architecture == Architecture.DECODER
            ? null
            : new Joint(device, encoder == null || decoder == null ? 0 : decoderRows, like);
  }

  private static DeviceTokens batch(Device device, int rows, TokenModel model, String side) {
    return new DeviceTokens(device, side + " batch", rows, model.vocabulary(), model.context());
  }

  /** What lies between the sides: cross intervals; first rows and labels of samples. */
  private static final class Joint implements AutoCloseable {
    private final Inlet inlet;
    private final long rows;
    private final long samples;
    private final int[] numbers;

    Joint(Device device, long rows, PackedExamples like) {
      this.rows = rows;
      this.samples = like.labels().length;
      this.numbers = IntStream.range(0, like.labels().length).toArray();
      this.inlet = device.inlet("samples", 2 * rows + 3 * samples);
    }

    void load(PackedExamples batch) {
      MemorySegment host = inlet.host();
      write(host, 0, batch.cross().starts(), rows);
      write(host, rows, batch.cross().ends(), rows);
      write(host, 2 * rows, batch.firstRows(), samples);
      write(host, 2 * rows + samples, batch.labels(), samples);
      write(host, 2 * rows + 2 * samples, numbers, samples);
      inlet.send();
    }

    private static void write(MemorySegment host, long at, int[] source, long count) {
      MemorySegment.copy(
          MemorySegment.ofArray(source), 0, host, at * Integer.BYTES, count * Integer.BYTES);
    }

    Buffer part(long from, long count) {
      return inlet.buffer().slice(from, count);
    }

    Intervals cross() {
      return rows == 0 ? null : new Intervals(part(0, rows), part(rows, rows));
    }

    Buffer first() {
      return part(2 * rows, samples);
    }

    LanguageHead.Labels labels() {
      return new LanguageHead.Labels(
          part(2 * rows + 2 * samples, samples), part(2 * rows + samples, samples), samples);
    }

    @Override
    public void close() {
      inlet.close();
    }
  }

  @Override
  public void load(PackedExamples batch) {
    if (encoder != null) {
      encoder.load(batch.encoder());
    }
    if (decoder != null) {
      decoder.load(batch.decoder());
    }
    if (joint != null) {
      joint.load(batch);
    }
  }

  @Override
  public void swap() {
    if (encoder != null) {
      encoder.swap();
    }
    if (decoder != null) {
      decoder.swap();
    }
    if (joint != null) {
      joint.inlet.swap();
    }
  }

  /** Loads {@code batch} and puts it in place at once. */
  public void upload(PackedExamples batch) {
    load(batch);
    swap();
  }

  @Override
  public List<DeviceTokens.Shape> shape() {
    return IntStream.range(0, 2)
        .mapToObj(side -> side == 0 ? encoder : decoder)
        .map(side -> side == null ? new DeviceTokens.Shape(0, 0) : side.shape())
        .toList();
  }

  /** What the model reads. */
  public TokenInput input() {
    return new TokenInput(
        encoder == null ? null : encoder.rows(),
        decoder == null ? null : decoder.rows(),
        joint == null ? null : joint.cross(),
        joint == null ? null : joint.first(),
        joint == null ? 0 : joint.samples);
  }

  /** The labelled rows of the side that is asked. */
  public LanguageHead.Labels labels() {
    return architecture == Architecture.ENCODER ? encoder.labels() : decoder.labels();
  }

  /** The samples with their labels. */
  public LanguageHead.Labels samples() {
    return joint.labels();
  }

  @Override
  public void close() {
    if (encoder != null) {
      encoder.close();
    }
    if (decoder != null) {
      decoder.close();
    }
    if (joint != null) {
      joint.close();
    }
  }
}
