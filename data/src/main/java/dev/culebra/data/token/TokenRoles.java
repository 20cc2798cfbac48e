package dev.culebra.data.token;

import java.util.List;
import java.util.stream.IntStream;

/**
 * What special tokens are for, as the files of a model's folder name them: ids in {@code
 * config.json} and {@code generation_config.json}, names in {@code tokenizer_config.json}. -1
 * stands for what no file names.
 *
 * @param bos begins a text
 * @param ends end a text, perhaps nothing; the first one ends documents
 * @param eos what ends generation, perhaps nothing
 * @param pad fills up
 * @param decoderStart what a decoder beside an encoder starts with
 * @param forcedBos what such a decoder writes first, whatever it finds likely
 * @param unk stands for what the vocabulary lacks
 * @param cls stands before a text that an encoder reads
 * @param sep stands behind it, or between two
 * @param mask hides
 */
public record TokenRoles(
    int bos,
    List<Integer> ends,
    List<Integer> eos,
    int pad,
    int decoderStart,
    int forcedBos,
    int unk,
    int cls,
    int sep,
    int mask) {

  /** Nothing is named. */
  public static final TokenRoles NONE =
      new TokenRoles(-1, List.of(), List.of(), -1, -1, -1, -1, -1, -1, -1);

  /** Copies the lists. */
  public TokenRoles {
    ends = List.copyOf(ends);
    eos = List.copyOf(eos);
  }

  /** What ends a document. */
  public int documentEnd() {
    return ends.isEmpty() ? -1 : ends.getFirst();
  }

  /** Whether the files name what begins, ends or fills up a text. */
  public boolean known() {
    return IntStream.of(bos, documentEnd(), pad, decoderStart).anyMatch(id -> id >= 0);
  }
}
