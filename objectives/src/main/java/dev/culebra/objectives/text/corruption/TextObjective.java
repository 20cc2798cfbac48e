package dev.culebra.objectives.text.corruption;

import dev.culebra.data.random.RandomSource;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.objectives.text.corruption.SentencePairs.Task;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
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
      to.put(PLAIN, laid((specials, layout) -> PrefixSplit.plain(specials), SampleLayout.DECODER));
      to.put("t5", laid(PrefixSplit::t5, SampleLayout.ENCODER_DECODER));
      to.put("t5-decoder", laid(PrefixSplit::t5, SampleLayout.DECODER));
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
      to.put("t5", new Given(SampleLayout.ENCODER_DECODER));
      to.put("decoder", new Given(SampleLayout.DECODER));
    }
  },

  /** Does the second text follow the first? */
  NSP("nsp", "tells whether the second text follows the first") {
    @Override
    void profiles(Map<String, Sampler> to) {
      to.put(PLAIN, new Paired(Task.NEXT_SENTENCE, Optional.empty()));
      to.put("bert", new Paired(Task.NEXT_SENTENCE, Optional.of(Masking.bert())));
    }
  },

  /** Are the two texts in order? */
  SOP("sop", "tells whether two texts are in order") {
    @Override
    void profiles(Map<String, Sampler> to) {
      to.put(PLAIN, new Paired(Task.SENTENCE_ORDER, Optional.empty()));
      to.put("albert", new Paired(Task.SENTENCE_ORDER, Optional.of(Masking.albert())));
    }
  },

  /** Mixture of denoisers. */
  UL2("ul2", "writes the hidden spans in one of seven settings") {
    @Override
    void profiles(Map<String, Sampler> to) {
      to.put("uniform", laid(Ul2::uniform, SampleLayout.ENCODER_DECODER, SampleLayout.DECODER));
      to.put("community", laid(Ul2::community, SampleLayout.ENCODER_DECODER, SampleLayout.DECODER));
      to.put("decoder", laid(Ul2::community, SampleLayout.DECODER));
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
  sealed interface Sampler {
    Example sample(SpecialTokens specials, Documents texts, RandomSource draws);

    /** What samples may be laid out for, the usual one first; none where there is no choice. */
    default List<SampleLayout> layouts() {
      return List.of();
    }
  }

  /** A sampler that needs one text alone. */
  private record OneText(
      List<SampleLayout> layouts, BiFunction<SpecialTokens, SampleLayout, Corruption> corruption)
      implements Sampler {
    @Override
    public Example sample(SpecialTokens specials, Documents texts, RandomSource draws) {
      return usual(specials).corrupt(texts.text(0), draws);
    }

    private Corruption usual(SpecialTokens specials) {
      return corruption.apply(specials, layouts.isEmpty() ? null : layouts.getFirst());
    }
  }

  /** Takes a source and a target as they are. */
  private record Given(SampleLayout layout) implements Sampler {
    @Override
    public List<SampleLayout> layouts() {
      return List.of(layout);
    }

    @Override
    public Example sample(SpecialTokens specials, Documents texts, RandomSource draws) {
      return new SourceTarget(specials, layout).example(texts.text(0), texts.text(1));
    }
  }

  /** Sets sentences in pairs, and may mask some of their tokens. */
  private record Paired(Task task, Optional<Masking> masking) implements Sampler {
    @Override
    public Example sample(SpecialTokens specials, Documents texts, RandomSource draws) {
      PairRows rows =
          masking
              .map(masks -> PairRows.masked(new MaskedTokens(masks, specials)))
              .orElseGet(() -> PairRows.plain(specials));
      return sample(rows, texts, draws);
    }

    private Example sample(PairRows rows, Documents texts, RandomSource draws) {
      SentencePairs pairs = new SentencePairs(task, PAIR_CONTEXT, 0);
      return rows.example(pairs.pairs(texts, 0, draws).getFirst(), draws);
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
    return oneText(profile).usual(specials);
  }

  /**
   * The same, laid out for an architecture.
   *
   * @param layout one of {@link #layouts}, if there are any
   */
  public Corruption corruption(String profile, SpecialTokens specials, SampleLayout layout) {
    return oneText(profile).corruption.apply(specials, layout);
  }

  private OneText oneText(String profile) {
    if (sampler(profile) instanceof OneText one) {
      return one;
    }
    throw new BadInputException(key + " makes its samples from pairs of texts");
  }

  /**
   * What a profile's samples may be laid out for, the usual one first; none if the objective has
   * one layout only.
   *
   * @throws BadInputException if there is no such profile
   */
  public List<SampleLayout> layouts(String profile) {
    return sampler(profile).layouts();
  }

  /**
   * The tokens that a profile masks in pairs of texts, beside asking about the pair.
   *
   * @throws BadInputException if there is no such profile
   */
  public Optional<Masking> pairMasking(String profile) {
    return sampler(profile) instanceof Paired pairs ? pairs.masking : Optional.empty();
  }

  /**
   * The sample that a profile makes of the first of some texts; objectives that set texts in pairs
   * take the others beside it.
   *
   * @throws BadInputException if there is no such profile, or the texts do not fit
   */
  public Example sample(
      String profile, SpecialTokens specials, Documents texts, RandomSource draws) {
    return sampler(profile).sample(specials, texts, draws);
  }

  /**
   * The sample of the first of some texts, set in a pair and laid out in a given way.
   *
   * @throws BadInputException if the objective asks nothing of pairs of sentences, or the texts do
   *     not fit
   */
  public Example sample(PairRows rows, Documents texts, RandomSource draws) {
    if (sampler(profiles().getFirst()) instanceof Paired paired) {
      return paired.sample(rows, texts, draws);
    }
    throw new BadInputException(key + " asks nothing of pairs of sentences");
  }

  private Sampler sampler(String profile) {
    Map<String, Sampler> samplers = samplers();
    if (!samplers.containsKey(profile)) {
      throw new BadInputException(
          Format.text(
              "%s has no profile '%s'; it has %s",
              key, profile, String.join(", ", samplers.keySet())));
    }
    return samplers.get(profile);
  }

  private static Sampler one(Function<SpecialTokens, Corruption> corruption) {
    return new OneText(List.of(), (specials, layout) -> corruption.apply(specials));
  }

  private static Sampler laid(
      BiFunction<SpecialTokens, SampleLayout, Corruption> corruption, SampleLayout... layouts) {
    return new OneText(List.of(layouts), corruption);
  }

  private static Sampler masked(Masking masking) {
    return one(specials -> new MaskedTokens(masking, specials));
  }
}
