package dev.culebra.objectives.text.corruption;

import dev.culebra.data.random.RandomSource;
import dev.culebra.data.token.Special;
import dev.culebra.data.token.SpecialTokens;

/** What stands in the input where a token was selected. */
enum Substitution {
  /** The mask token, always. */
  MASK {
    @Override
    int replace(int token, SpecialTokens specials, RandomSource draws) {
      return specials.id(Special.MASK);
    }
  },
  /** 80 % mask, else half the token itself, half any word (google-research/bert). */
  BERT {
    @Override
    int replace(int token, SpecialTokens specials, RandomSource draws) {
      if (draws.chance(0.8)) {
        return specials.id(Special.MASK);
      }
      return draws.chance(0.5) ? token : anyWord(token, specials, draws);
    }
  },
  /**
   * 80 % mask, else half any word, half the token itself (transformers, which takes the tokens that
   * begin, end, fill up and hide for words too).
   */
  HF {
    @Override
    int replace(int token, SpecialTokens specials, RandomSource draws) {
      if (draws.chance(0.8)) {
        return specials.id(Special.MASK);
      }
      return draws.chance(0.5) ? specials.wordOrMark(draws) : token;
    }
  },
  /** 20 % not masked: half the token itself, half any word (fairseq). */
  FAIRSEQ {
    @Override
    int replace(int token, SpecialTokens specials, RandomSource draws) {
      if (!draws.chance(0.2)) {
        return specials.id(Special.MASK);
      }
      return draws.chance(0.5) ? token : specials.word(draws.below(specials.words()));
    }
  },
  /** 85 % mask, else the token itself (google-research/electra). */
  ELECTRA {
    @Override
    int replace(int token, SpecialTokens specials, RandomSource draws) {
      return draws.chance(0.85) ? specials.id(Special.MASK) : token;
    }
  };

  /** The input id where {@code token} was selected. */
  abstract int replace(int token, SpecialTokens specials, RandomSource draws);

  /** Any word of the vocabulary; of none, the token itself. */
  private static int anyWord(int token, SpecialTokens specials, RandomSource draws) {
    return specials.word(draws, specials.vocabulary()).orElse(token);
  }
}
