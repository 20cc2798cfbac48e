package dev.culebra.objectives.corruption;

/** What stands in the input where a token was selected. */
enum Substitution {
  /** The mask token, always. */
  MASK {
    @Override
    int replace(int token, SpecialTokens specials, Draws draws) {
      return specials.id(Special.MASK);
    }
  },
  /** 80 % mask, else half the token itself, half any id (google-research/bert). */
  BERT {
    @Override
    int replace(int token, SpecialTokens specials, Draws draws) {
      if (draws.chance(0.8)) {
        return specials.id(Special.MASK);
      }
      return draws.chance(0.5) ? token : draws.below(specials.vocabulary());
    }
  },
  /** 80 % mask, else half any id, half the token itself (transformers). */
  HF {
    @Override
    int replace(int token, SpecialTokens specials, Draws draws) {
      if (draws.chance(0.8)) {
        return specials.id(Special.MASK);
      }
      return draws.chance(0.5) ? draws.below(specials.vocabulary()) : token;
    }
  },
  /** 20 % not masked: half the token itself, half any id that is not special (fairseq). */
  FAIRSEQ {
    @Override
    int replace(int token, SpecialTokens specials, Draws draws) {
      if (!draws.chance(0.2)) {
        return specials.id(Special.MASK);
      }
      return draws.chance(0.5) ? token : specials.ordinary(draws.below(specials.ordinaryCount()));
    }
  },
  /** 85 % mask, else the token itself (google-research/electra). */
  ELECTRA {
    @Override
    int replace(int token, SpecialTokens specials, Draws draws) {
      return draws.chance(0.85) ? specials.id(Special.MASK) : token;
    }
  };

  /** The input id where {@code token} was selected. */
  abstract int replace(int token, SpecialTokens specials, Draws draws);
}
