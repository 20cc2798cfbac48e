package dev.culebra.objectives.corruption;

import java.util.List;

/** What special tokens are for, with the names that published vocabularies give them. */
public enum Special {
  /** Fills up; T5's decoder starts with it. */
  PAD("[PAD]", "<pad>", "<|padding|>"),
  /** Begins a text: a class token or a begin of sequence. */
  BEGIN("[CLS]", "<s>", "<bos>", "<|startoftext|>"),
  /** Ends a text or separates two. */
  END("[SEP]", "</s>", "<eos>", "[EOS]", "<|endoftext|>", "<|end_of_text|>"),
  /** Stands for what is hidden. */
  MASK("[MASK]", "<mask>"),
  /** UL2: ordinary spans follow. */
  MODE_R("[R]", "[NLU]"),
  /** UL2: a continuation follows. */
  MODE_S("[S]", "[S2S]"),
  /** UL2: long spans or many of them follow. */
  MODE_X("[X]", "[NLG]"),
  /** Fill in the middle: what precedes the gap follows. */
  PREFIX("<fim_prefix>", "<|fim_prefix|>", "<fim-prefix>"),
  /** Fill in the middle: what comes after the gap follows. */
  SUFFIX("<fim_suffix>", "<|fim_suffix|>", "<fim-suffix>"),
  /** Fill in the middle: the gap's text follows. */
  MIDDLE("<fim_middle>", "<|fim_middle|>", "<fim-middle>");

  private final List<String> names;

  Special(String... names) {
    this.names = List.of(names);
  }

  /** The names by which vocabularies know it; the first is what we call it. */
  public List<String> names() {
    return names;
  }
}
