package dev.culebra.objectives.objective;

import dev.culebra.objectives.architecture.DualEncoder;
import dev.culebra.objectives.architecture.TowerInput;
import dev.culebra.objectives.batch.Members;
import dev.culebra.objectives.batch.PictureMembers;
import dev.culebra.objectives.batch.TextMembers;
import dev.culebra.runtime.device.Device;

/** The place of texts or pictures on a device. */
public sealed interface MembersSlot extends Slot<Members> permits TextSlot, PictureSlot {

  /**
   * A place.
   *
   * @param name in memory reports
   * @param like of the size of all that will come
   */
  static MembersSlot of(Device device, String name, Members like, DualEncoder model) {
    return switch (like) {
      case TextMembers texts -> new TextSlot(device, name, texts, model);
      case PictureMembers pictures -> new PictureSlot(device, name, pictures);
    };
  }

  /** What a tower reads of the members in place. */
  TowerInput input();

  /** How many members are in place. */
  long count();
}
