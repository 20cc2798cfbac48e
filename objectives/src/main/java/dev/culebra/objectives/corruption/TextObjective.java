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
    void profiles(Map<String, Sampler> to) {
      to.put(PLAIN, one(CausalText::plain));
      to.put("gpt", one(CausalText::ended));
    }
  },

  /** Masked tokens. */
  MLM("mlm", "fills in masked tokens") {
    @Override
    void profiles(Map<String, Sampler> to) {
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
    void profiles(Map<String, Sampler> to) {
      to.put(PLAIN, one(PrefixSplit::plain));
      to.put("t5", one(specials -> PrefixSplit.t5(specials, Arrangement.ENCODER_DECODER)));
      to.put("t5-decoder", one(specials -> PrefixSplit.t5(specials, Arrangement.DECODER)));
    }
  },

  /** T5's hidden spans. */
  SPAN_CORRUPTION("span-corruption", "writes the spans behind sentinels") {
    @Override
    void profiles(Map<String, Sampler> to) {
      SpanLengths usual = new SpanLengths(0.15, 3);
      to.put(PLAIN, one(specials -> SpanCorruption.plain(specials, usual)));
      to.put("t5", one(specials -> SpanCorruption.t5(specials, usual)));
      to.put("t5-rolled", one(specials -> SpanCorruption.t5Rolled(specials, usual)));
      to.put("hf", one(specials -> SpanCorruption.hf(specials, usual)));
    }
  },

  /** BART's noise. */
  DENOISING("denoising", "writes the original of a noised text") {
    @Override
    void profiles(Map<String, Sampler> to) {
      Denoise bare = Denoise.infilling(0.3).withPermute(1);
      to.put(PLAIN, one(specials -> Denoising.plain(bare, specials)));
      to.put("fairseq", one(specials -> Denoising.fairseq(Denoise.published(), specials)));
      to.put("hf", one(specials -> Denoising.hf(bare, specials)));
      to.put("mask", one(specials -> Denoising.plain(Denoise.tokenMasking(0.3), specials)));
      to.put("delete", one(specials -> Denoising.plain(Denoise.tokenDeletion(0.3), specials)));
      to.put("infill", one(specials -> Denoising.plain(Denoise.infilling(0.3), specials)));
      to.put("permute", one(specials -> Denoising.plain(Denoise.sentencePermutation(), specials)));
      to.put("rotate", one(specials -> Denoising.plain(Denoise.rotation(), specials)));
    }
  },

  /** Given pairs. */
  SEQ2SEQ("seq2seq", "writes the second text from the first") {
    @Override
    void profiles(Map<String, Sampler> to) {
      to.put("t5", given(Arrangement.ENCODER_DECODER));
      to.put("decoder", given(Arrangement.DECODER));
    }
  },

  /** Does the second text follow the first? */
  NSP("nsp", "tells whether the second text follows the first") {
    @Override
    void profiles(Map<String, Sampler> to) {
      to.put(PLAIN, pair(Task.NEXT_SENTENCE, PairRows::plain));
      to.put("bert", pair(Task.NEXT_SENTENCE, s -> PairRows.masked(s, Masking.bert())));
    }
  },

  /** Are the two texts in order? */
  SOP("sop", "tells whether two texts are in order") {
    @Override
    void profiles(Map<String, Sampler> to) {
      to.put(PLAIN, pair(Task.SENTENCE_ORDER, PairRows::plain));
      to.put("albert", pair(Task.SENTENCE_ORDER, s -> PairRows.masked(s, Masking.albert())));
    }
  },

  /** Mixture of denoisers. */
  UL2("ul2", "writes the hidden spans in one of seven settings") {
    @Override
    void profiles(Map<String, Sampler> to) {
      to.put("uniform", one(specials -> Ul2.uniform(specials, Arrangement.ENCODER_DECODER)));
      to.put("community", one(specials -> Ul2.community(specials, Arrangement.ENCODER_DECODER)));
      to.put("decoder", one(specials -> Ul2.community(specials, Arrangement.DECODER)));
    }
  },

  /** The masks of ELECTRA's generator. */
  ELECTRA("electra", "fills in masked tokens, then finds those that were filled in wrongly") {
    @Override
    void profiles(Map<String, Sampler> to) {
      to.put("electra", masked(Masking.electra()));
    }
  },

  /** Fill in the middle. */
  FIM("fim", "writes the middle after prefix and suffix") {
    @Override
    void profiles(Map<String, Sampler> to) {
      to.put("psm", one(specials -> FillInMiddle.of(specials, 1, 0)));
      to.put("spm", one(specials -> FillInMiddle.of(specials, 1, 1)));
      to.put("starcoder", one(specials -> FillInMiddle.of(specials, 0.5, 0.5)));
    }
  };

  private static final String PLAIN = "plain";

  /** The rows of a pair of sentences, as {@code inspect} shows them. */
  private static final int PAIR_CONTEXT = 128;

  private final String key;
  private final String task;

  /** Makes the sample of the first of some texts. */
  @FunctionalInterface
  interface Sampler {
    Example sample(SpecialTokens specials, Documents texts, Draws draws);
  }

  /** A sampler that needs one text alone. */
  private record OneText(Function<SpecialTokens, Corruption> corruption) implements Sampler {
    @Override
    public Example sample(SpecialTokens specials, Documents texts, Draws draws) {
      return corruption.apply(specials).corrupt(texts.text(0), draws);
    }
  }

  TextObjective(String key, String task) {
    this.key = key;
    this.task = task;
  }

  abstract void profiles(Map<String, Sampler> to);

  private Map<String, Sampler> samplers() {
    Map<String, Sampler> samplers = new LinkedHashMap<>();
    profiles(samplers);
    return samplers;
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
    return List.copyOf(samplers().keySet());
  }

  /** Whether a sample is made from more than one text. */
  public boolean pairsTexts() {
    return samplers().values().stream().noneMatch(OneText.class::isInstance);
  }

  /**
   * What a profile does to one text.
   *
   * @throws BadInputException if there is no such profile, or the objective sets texts in pairs
   */
  public Corruption corruption(String profile, SpecialTokens specials) {
    if (sampler(profile) instanceof OneText one) {
      return one.corruption.apply(specials);
    }
    throw new BadInputException(key + " makes its samples from pairs of texts");
  }

  /**
   * The sample that a profile makes of the first of some texts; objectives that set texts in pairs
   * take the others beside it.
   *
   * @throws BadInputException if there is no such profile, or the texts do not fit
   */
  public Example sample(String profile, SpecialTokens specials, Documents texts, Draws draws) {
    return sampler(profile).sample(specials, texts, draws);
  }

  private Sampler sampler(String profile) {
    Map<String, Sampler> samplers = samplers();
    if (!samplers.containsKey(profile)) {
      throw new BadInputException(
          "%s has no profile '%s'; it has %s"
              .formatted(key, profile, String.join(", ", samplers.keySet())));
    }
    return samplers.get(profile);
  }

  private static Sampler one(Function<SpecialTokens, Corruption> corruption) {
    return new OneText(corruption);
  }

  private static Sampler masked(Masking masking) {
    return one(specials -> new MaskedTokens(masking, specials));
  }

  private static Sampler given(Arrangement arrangement) {
    return (specials, texts, draws) ->
        new SourceTarget(specials, arrangement).example(texts.text(0), texts.text(1));
  }

  private static Sampler pair(Task task, Function<SpecialTokens, PairRows> rows) {
    SentencePairs pairs = new SentencePairs(task, PAIR_CONTEXT, 0);
    return (specials, texts, draws) ->
        rows.apply(specials).example(pairs.pairs(texts, 0, draws).getFirst(), draws);
  }
}
