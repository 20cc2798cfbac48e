package dev.culebra.data.token;

import java.util.List;

/** What special tokens are for, with the names that published vocabularies give them. */
public enum Special {
  /** Fills up; T5's decoder starts with it. */
  PAD,
  /** Begins a text: a class token or a begin of sequence. */
  BEGIN,
  /** Ends a text or separates two. */
  END,
  /** Stands for what is hidden. */
  MASK,
  /** UL2: ordinary spans follow. */
  MODE_R,
  /** UL2: a continuation follows. */
  MODE_S,
  /** UL2: long spans or many of them follow. */
  MODE_X,
  /** Fill in the middle: what precedes the gap follows. */
  PREFIX,
  /** Fill in the middle: what comes after the gap follows. */
  SUFFIX,
  /** Fill in the middle: the gap's text follows. */
  MIDDLE;

  /** The names by which vocabularies know it; the first is what we call it. */
  public List<String> names() {
    return switch (this) {
      case PAD -> List.of("[PAD]", "<pad>", "<|padding|>");
      case BEGIN -> List.of("[CLS]", "<s>", "<bos>", "<|startoftext|>");
      case END -> List.of("[SEP]", "</s>", "<eos>", "[EOS]", "<|endoftext|>", "<|end_of_text|>");
      case MASK -> List.of("[MASK]", "<mask>");
      case MODE_R -> List.of("[R]", "[NLU]");
      case MODE_S -> List.of("[S]", "[S2S]");
      case MODE_X -> List.of("[X]", "[NLG]");
      case PREFIX -> List.of("<fim_prefix>", "<|fim_prefix|>", "<fim-prefix>");
      case SUFFIX -> List.of("<fim_suffix>", "<|fim_suffix|>", "<fim-suffix>");
      case MIDDLE -> List.of("<fim_middle>", "<|fim_middle|>", "<fim-middle>");
    };
  }
}
