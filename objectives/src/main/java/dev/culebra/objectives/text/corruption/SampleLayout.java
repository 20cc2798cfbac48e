package dev.culebra.objectives.text.corruption;

/** How a sample of an input and an output is laid out. */
public enum SampleLayout {
  /** The encoder reads the input, the decoder writes the output. */
  ENCODER_DECODER,
  /**
   * One decoder reads both, one after the other. All rows see the whole input; the output is seen
   * causally and is all that is scored.
   */
  DECODER;

  /**
   * Lays out a sample.
   *
   * @param input what is read
   * @param output what is to be written
   * @param start what the decoder's input begins with; it belongs to the visible part
   */
  Example lay(Target input, Target output, int start) {
    return switch (this) {
      case ENCODER_DECODER ->
          Example.pair(
              read(input, new Sequence.Builder(input.length())).build(Pattern.BIDIRECTIONAL),
              output.shiftedRight(start).build(Pattern.CAUSAL));
      case DECODER -> {
        Sequence.Builder rows = new Sequence.Builder(input.length() + output.length());
        rows.add(start, Sequence.NOWHERE);
        yield Example.decoder(prefixed(read(input, rows), output));
      }
    };
  }

  /** Lays out a sample for one decoder without a start token: the input's last row begins. */
  static Example layWithoutStart(Target input, Target output) {
    Sequence.Builder rows = new Sequence.Builder(input.length() + output.length());
    return Example.decoder(prefixed(read(input, rows), output));
  }

  private static Sequence.Builder read(Target input, Sequence.Builder rows) {
    for (int i = 0; i < input.length(); i++) {
      rows.add(input.id(i), input.origin(i));
    }
    return rows;
  }

  private static Sequence prefixed(Sequence.Builder rows, Target output) {
    int visible = rows.length();
    for (int i = 0; i < output.length(); i++) {
      rows.ask(rows.length() - 1, output.id(i), output.origin(i));
      if (i + 1 < output.length()) {
        rows.add(output.id(i), output.origin(i));
      }
    }
    return rows.build(new Pattern.Prefix(visible));
  }
}
