package dev.culebra.cli;

import dev.culebra.data.random.RandomSource;
import dev.culebra.data.token.Text;
import dev.culebra.objectives.text.corruption.Documents;
import dev.culebra.objectives.text.corruption.Example;
import dev.culebra.objectives.text.corruption.Sequence;
import dev.culebra.objectives.text.corruption.TextObjective;
import dev.culebra.train.setup.RecipeObjective;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What one objective did to one text.
 *
 * @param objective the objective
 * @param profile which variant of it
 * @param seed what it drew from
 * @param texts the texts, the first of which it worked on
 * @param lexicon how tokens are written
 * @param example what came out
 */
record Inspection(
    TextObjective objective,
    String profile,
    long seed,
    List<Text> texts,
    InspectTokenizer lexicon,
    Example example) {

  /**
   * Lets an objective work on texts as a recipe has it.
   *
   * @param number of the sample among those of one seed
   */
  static Inspection of(
      RecipeObjective part, long seed, int number, List<Text> texts, InspectTokenizer lexicon) {
    Example example =
        part.sample(lexicon.specials(), Documents.of(texts), RandomSource.of(seed, 0, number));
    return new Inspection(part.objective(), part.profile(), seed, texts, lexicon, example);
  }

  boolean hasEncoder() {
    return example.encoder().length() > 0;
  }

  boolean hasDecoder() {
    return example.decoder().length() > 0;
  }

  /** The kind of model that reads such a sample. */
  String architecture() {
    if (!hasDecoder()) {
      return "encoder";
    }
    return hasEncoder() ? "encoder-decoder" : "decoder";
  }

  /** What is read of the text: the encoder's rows, or the decoder's where it stands alone. */
  Sequence input() {
    return hasEncoder() ? example.encoder() : example.decoder();
  }

  /** Ids as they are written, one after the other. */
  List<String> names(int[] ids) {
    return IntStream.of(ids).mapToObj(lexicon::name).toList();
  }

  /** What a decoder shall write, or which tokens an encoder is asked for, with their rows. */
  String asked() {
    Sequence scored = hasDecoder() ? example.decoder() : example.encoder();
    List<String> parts = new ArrayList<>();
    for (int row = 0; row < scored.length(); row++) {
      if (scored.label(row) != Sequence.IGNORE) {
        String name = lexicon.name(scored.label(row));
        parts.add(hasDecoder() ? name : row + ": " + name);
      }
    }
    if (example.label() != Sequence.IGNORE) {
      parts.add(answer());
    }
    return parts.isEmpty() ? "nothing" : String.join(hasDecoder() ? " " : ", ", parts);
  }

  /** What is asked of the pair as a whole. */
  private String answer() {
    return answer(example.label());
  }

  private String answer(int label) {
    boolean order = objective == TextObjective.SOP;
    return switch (label) {
      case 0 -> order ? "0 (in order)" : "0 (follows)";
      default -> order ? "1 (not in order)" : "1 (does not follow)";
    };
  }

  /**
   * The same parts the other way round, as sentence order prediction shows them half the time.
   *
   * @param input what is read
   * @param label what is asked
   * @param answer the label in words
   */
  record Order(List<String> input, int label, String answer) {}

  /** The other order of a sample whose order is asked. */
  Order otherOrder() {
    List<String> first = new ArrayList<>();
    List<String> second = new ArrayList<>();
    Sequence rows = example.encoder();
    for (int row = 1; row < rows.length(); row++) {
      (rows.type(row) == 0 ? second : first).add(lexicon.name(rows.id(row)));
    }
    List<String> input = new ArrayList<>(List.of(lexicon.name(rows.id(0))));
    input.addAll(first);
    input.addAll(second);
    int label = 1 - example.label();
    return new Order(input, label, answer(label));
  }

  /** What ELECTRA's discriminator is asked of the sample. */
  ReplacedTokenView replaced() {
    return ReplacedTokenView.of(example.encoder(), texts.getFirst(), seed);
  }

  /** The sample as an object of JSON. */
  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("objective", objective.key());
    map.put("profile", profile);
    map.put("seed", seed);
    map.put("architecture", architecture());
    map.put("tokens", names(texts.getFirst().tokens()));
    map.put("ids", texts.getFirst().tokens());
    map.put("encoder", hasEncoder() ? rows(example.encoder()) : null);
    map.put("decoder", hasDecoder() ? rows(example.decoder()) : null);
    map.put("label", example.label() == Sequence.IGNORE ? null : example.label());
    if (objective == TextObjective.SOP) {
      Order other = otherOrder();
      map.put("other_order", Map.of("input", other.input(), "label", other.label()));
    }
    if (objective == TextObjective.ELECTRA) {
      ReplacedTokenView replaced = replaced();
      map.put(
          "discriminator", Map.of("input", names(replaced.ids()), "label_ids", replaced.labels()));
    }
    return map;
  }

  private Map<String, Object> rows(Sequence sequence) {
    IntStream.Builder types = IntStream.builder();
    List<String> labels = new ArrayList<>();
    List<Integer> lossMask = new ArrayList<>();
    List<List<Integer>> sees = new ArrayList<>();
    for (int row = 0; row < sequence.length(); row++) {
      boolean scored = sequence.label(row) != Sequence.IGNORE;
      types.add(sequence.type(row));
      labels.add(scored ? lexicon.name(sequence.label(row)) : null);
      lossMask.add(scored ? 1 : 0);
      sees.add(List.of(sequence.start(row), sequence.end(row)));
    }
    Map<String, Object> rows = new LinkedHashMap<>();
    rows.put("input", names(sequence.ids()));
    rows.put("input_ids", sequence.ids());
    rows.put("positions", IntStream.range(0, sequence.length()).toArray());
    rows.put("token_types", types.build().toArray());
    rows.put("labels", labels);
    rows.put("label_ids", sequence.labels());
    rows.put("loss_mask", lossMask);
    rows.put("attention", sees);
    if (sequence == example.decoder() && hasEncoder()) {
      List<Integer> all = List.of(0, example.encoder().length());
      rows.put("cross_attention", sees.stream().map(row -> all).toList());
    }
    return rows;
  }
}
