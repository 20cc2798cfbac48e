package dev.culebra.cli;

import dev.culebra.train.recipe.Setting;
import java.util.ListResourceBundle;

/** The defaults of settings, for help texts: {@code ${bundle:default.schedule.steps}}. */
final class SettingDefaults extends ListResourceBundle {

  @Override
  protected Object[][] getContents() {
    return Setting.all().stream()
        .map(setting -> new Object[] {"default." + setting.key(), setting.fallback().toString()})
        .toArray(Object[][]::new);
  }
}
