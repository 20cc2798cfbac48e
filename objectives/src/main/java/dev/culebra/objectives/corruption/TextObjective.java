package dev.culebra.objectives.corruption;

import dev.culebra.objectives.corruption.SentencePairs.Task;
import dev.culebra.runtime.BadInputException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The objectives that are made of text alone, each with its profiles: named variants, because the
 * references disagree. The first profile is the barest, with no special tokens around a text where
 * the objective can do without.
 */
public enum TextObjective {
  /** Next token. */
  CLM("clm", "predicts the next token") {
    @Override
    void profiles(Map<String, Function<SpecialTokens, Corruption>> to) {
      to.put(PLAIN, CausalText::plain);
      to.put("gpt", CausalText::ended);
    }
  },

  /** Masked tokens. */
  MLM("mlm", "fills in masked tokens") {
    @Override
    void profiles(Map<String, Function<SpecialTokens, Corruption>> to) {
      to.put(PLAIN, masked(Masking.plain()));
      to.put("bert", masked(Masking.bert()));
      to.put("bert-words", masked(Masking.bert().withWholeWords()));
      to.put("albert", masked(Masking.albert()));
      to.put("hf", masked(Masking.hf()));
      to.put("hf-words", masked(Masking.hf().withWholeWords()));
      to.put("fairseq", masked(Masking.fairseq()));
      to.put("fairseq-words", masked(Masking.fairseq().withWholeWords()));
      to.put("modernbert", masked(Masking.modernBert()));
    }
  },

  /** Visible prefix, predicted continuation. */
  PREFIX_LM("prefix-lm", "continues a text that is seen whole up to a point") {
    @Override
    void profiles(Map<String, Function<SpecialTokens, Corruption>> to) {
      to.put(PLAIN, PrefixSplit::plain);
      to.put("t5", specials -> PrefixSplit.t5(specials, Arrangement.ENCODER_DECODER));
      to.put("t5-decoder", specials -> PrefixSplit.t5(specials, Arrangement.DECODER));
    }
  },

  /** T5's hidden spans. */
  SPAN_CORRUPTION("span-corruption", "writes the spans behind sentinels") {
    @Override
    void profiles(Map<String, Function<SpecialTokens, Corruption>> to) {
      SpanLengths usual = new SpanLengths(0.15, 3);
      to.put(PLAIN, specials -> SpanCorruption.plain(specials, usual));
      to.put("t5", specials -> SpanCorruption.t5(specials, usual));
      to.put("t5-rolled", specials -> SpanCorruption.t5Rolled(specials, usual));
      to.put("hf", specials -> SpanCorruption.hf(specials, usual));
    }
  },

  /** BART's noise. */
  DENOISING("denoising", "writes the original of a noised text") {
    @Override
    void profiles(Map<String, Function<SpecialTokens, Corruption>> to) {
      Denoise bare = Denoise.infilling(0.3).withPermute(1);
      to.put(PLAIN, specials -> Denoising.plain(bare, specials));
      to.put("fairseq", specials -> Denoising.fairseq(Denoise.published(), specials));
      to.put("hf", specials -> Denoising.hf(bare, specials));
      to.put("mask", specials -> Denoising.plain(Denoise.tokenMasking(0.3), specials));
      to.put("delete", specials -> Denoising.plain(Denoise.tokenDeletion(0.3), specials));
      to.put("infill", specials -> Denoising.plain(Denoise.infilling(0.3), specials));
      to.put("permute", specials -> Denoising.plain(Denoise.sentencePermutation(), specials));
      to.put("rotate", specials -> Denoising.plain(Denoise.rotation(), specials));
    }
  },

  /** Given pairs. */
  SEQ2SEQ("seq2seq", "writes the second text from the first") {
    @Override
    void profiles(Map<String, Function<SpecialTokens, Corruption>> to) {
      to.put("t5", null);
      to.put("decoder", null);
    }

    @Override
    Example pair(String profile, SpecialTokens specials, Documents texts, Draws draws) {
      Arrangement arrangement =
          profile.equals("decoder") ? Arrangement.DECODER : Arrangement.ENCODER_DECODER;
      return new SourceTarget(specials, arrangement).example(texts.text(0), texts.text(1));
    }
  },

  /** Does the second text follow the first? */
  NSP("nsp", "tells whether the second text follows the first") {
    @Override
    void profiles(Map<String, Function<SpecialTokens, Corruption>> to) {
      to.put(PLAIN, null);
      to.put("bert", null);
    }

    @Override
    Example pair(String profile, SpecialTokens specials, Documents texts, Draws draws) {
      return firstPair(Task.NEXT_SENTENCE, rows(profile, specials, Masking.bert()), texts, draws);
    }
  },

  /** Are the two texts in order? */
  SOP("sop", "tells whether two texts are in order") {
    @Override
    void profiles(Map<String, Function<SpecialTokens, Corruption>> to) {
      to.put(PLAIN, null);
      to.put("albert", null);
    }

    @Override
    Example pair(String profile, SpecialTokens specials, Documents texts, Draws draws) {
      PairRows rows = rows(profile, specials, Masking.albert());
      return firstPair(Task.SENTENCE_ORDER, rows, texts, draws);
    }
  },

  /** Mixture of denoisers. */
  UL2("ul2", "writes the hidden spans in one of seven settings") {
    @Override
    void profiles(Map<String, Function<SpecialTokens, Corruption>> to) {
      to.put("uniform", specials -> Ul2.uniform(specials, Arrangement.ENCODER_DECODER));
      to.put("community", specials -> Ul2.community(specials, Arrangement.ENCODER_DECODER));
      to.put("decoder", specials -> Ul2.community(specials, Arrangement.DECODER));
    }
  },

  /** The masks of ELECTRA's generator. */
  ELECTRA("electra", "fills in masked tokens, then finds those that were filled in wrongly") {
    @Override
    void profiles(Map<String, Function<SpecialTokens, Corruption>> to) {
      to.put("electra", masked(Masking.electra()));
    }
  },

  /** Fill in the middle. */
  FIM("fim", "writes the middle after prefix and suffix") {
    @Override
    void profiles(Map<String, Function<SpecialTokens, Corruption>> to) {
      to.put("psm", specials -> FillInMiddle.of(specials, 1, 0));
      to.put("spm", specials -> FillInMiddle.of(specials, 1, 1));
      to.put("starcoder", specials -> FillInMiddle.of(specials, 0.5, 0.5));
    }
  };

  private static final String PLAIN = "plain";

  /** The rows of a pair of sentences, as {@code inspect} shows them. */
  private static final int PAIR_CONTEXT = 128;

  private final String key;
  private final String task;
  private final Map<String, Function<SpecialTokens, Corruption>> profiles = new LinkedHashMap<>();

  TextObjective(String key, String task) {
    this.key = key;
    this.task = task;
    profiles(profiles);
  }

  abstract void profiles(Map<String, Function<SpecialTokens, Corruption>> to);

  /** The sample of several texts, for objectives that have no corruption of one. */
  Example pair(String profile, SpecialTokens specials, Documents texts, Draws draws) {
    throw new IllegalStateException(key + " takes one text");
  }

  /** The objective of a name, such as {@code span-corruption}. */
  public static Optional<TextObjective> named(String name) {
    return Arrays.stream(values()).filter(objective -> objective.key.equals(name)).findFirst();
  }

  /** Its name in recipes and on the command line. */
  public String key() {
    return key;
  }

  /** What a model learns to do, as the end of a sentence that begins with "a model". */
  public String task() {
    return task;
  }

  /** The names of its profiles, the barest first. */
  public List<String> profiles() {
    return List.copyOf(profiles.keySet());
  }

  /** Whether a sample is made from more than one text. */
  public boolean pairsTexts() {
    return profiles.values().iterator().next() == null;
  }

  /**
   * What a profile does to one text.
   *
   * @throws BadInputException if there is no such profile
   */
  public Corruption corruption(String profile, SpecialTokens specials) {
    check(profile);
    Function<SpecialTokens, Corruption> maker = profiles.get(profile);
    if (maker == null) {
      throw new BadInputException(key + " makes its samples from pairs of texts");
    }
    return maker.apply(specials);
  }

  /**
   * The sample that a profile makes of the first of some texts; objectives that set texts in pairs
   * take the others beside it.
   *
   * @throws BadInputException if there is no such profile, or the texts do not fit
   */
  public Example sample(String profile, SpecialTokens specials, Documents texts, Draws draws) {
    check(profile);
    return pairsTexts()
        ? pair(profile, specials, texts, draws)
        : corruption(profile, specials).corrupt(texts.text(0), draws);
  }

  private void check(String profile) {
    if (!profiles.containsKey(profile)) {
      throw new BadInputException(
          "%s has no profile '%s'; it has %s"
              .formatted(key, profile, String.join(", ", profiles.keySet())));
    }
  }

  private static Function<SpecialTokens, Corruption> masked(Masking masking) {
    return specials -> new MaskedTokens(masking, specials);
  }

  private static PairRows rows(String profile, SpecialTokens specials, Masking masking) {
    return profile.equals(PLAIN) ? PairRows.plain(specials) : PairRows.masked(specials, masking);
  }

  private static Example firstPair(Task task, PairRows rows, Documents texts, Draws draws) {
    SentencePairs pairs = new SentencePairs(task, PAIR_CONTEXT, 0);
    return rows.example(pairs.pairs(texts, 0, draws).getFirst(), draws);
  }
}
