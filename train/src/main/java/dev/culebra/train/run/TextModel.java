package dev.culebra.train.run;

import dev.culebra.models.dual.TextEncoders;
import dev.culebra.models.nn.Model;
import dev.culebra.models.nn.TokenModel;

/**
 * A model of text, which may embed texts beside.
 *
 * @param tokens what tokens are asked of
 * @param towers what embeds texts by the same weights; null if they are not wanted
 */
record TextModel(TokenModel tokens, TextEncoders towers) {

  /** A model of tokens alone. */
  static TextModel of(TokenModel tokens) {
    return new TextModel(tokens, null);
  }

  /** One encoder that embeds texts and is asked tokens. */
  static TextModel of(TextEncoders towers) {
    return new TextModel(towers.encoder(), towers);
  }

  /** All of it. */
  Model whole() {
    return towers == null ? tokens : towers;
  }
}
