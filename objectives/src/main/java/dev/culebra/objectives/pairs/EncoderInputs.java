package dev.culebra.objectives.pairs;

import dev.culebra.models.dual.DualEncoder;
import dev.culebra.models.nn.TowerInput;
import dev.culebra.objectives.DeviceInputs;
import dev.culebra.runtime.device.Device;

/** The place of texts or images on a device. */
public sealed interface EncoderInputs extends DeviceInputs<EncoderBatch>
    permits TextInputs, ImageInputs {

  /**
   * A place.
   *
   * @param name in memory reports
   * @param like of the size of all that will come
   */
  static EncoderInputs of(Device device, String name, EncoderBatch like, DualEncoder model) {
    return switch (like) {
      case TextBatch texts -> new TextInputs(device, name, texts, model);
      case ImageBatch images -> new ImageInputs(device, name, images);
    };
  }

  /** What a tower reads of the members in place. */
  TowerInput input();

  /** How many members are in place. */
  long count();
}
