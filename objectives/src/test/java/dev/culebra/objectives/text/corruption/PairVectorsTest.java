package dev.culebra.objectives.text.corruption;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.data.batch.Vectors;
import dev.culebra.data.token.Special;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.data.token.Text;
import dev.culebra.objectives.text.corruption.SentencePairs.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Sentence pairs against google-research/bert and google-research/albert. */
class PairVectorsTest {
  private static final JsonNode VECTORS = Vectors.section("nsp_sop");
  private static final Samples.Words WORDS = new Samples.Words(List.of("[PAD]", "[CLS]", "[SEP]"));
  private static final SpecialTokens SPECIALS =
      SpecialTokens.of(50, Map.of(Special.BEGIN, 1, Special.END, 2));
  private static final int CONTEXT = VECTORS.required("max_seq_length").intValue();

  private static Text document(JsonNode sentences) {
    List<int[]> list = new ArrayList<>();
    sentences.forEach(sentence -> list.add(WORDS.ids(sentence)));
    return Text.ofSentences(list);
  }

  private static final List<Text> DOCUMENTS =
      List.of(document(VECTORS.required("docs").get(0)), document(VECTORS.required("docs").get(1)));

  private static void assertPairs(
      Task task, double shortShare, List<Text> documents, Script script, String section) {
    List<SentencePairs.Pair> pairs =
        new SentencePairs(task, CONTEXT, shortShare).pairs(Documents.of(documents), 0, script);
    script.assertUsedUp();
    JsonNode expected = VECTORS.required(section);
    assertThat(pairs).hasSize(expected.size());
    for (int i = 0; i < pairs.size(); i++) {
      Example example = PairRows.plain(SPECIALS).example(pairs.get(i), script);
      Sequence rows = example.encoder();
      assertThat(rows.ids()).isEqualTo(WORDS.ids(expected.get(i).required("tokens")));
      assertThat(IntStream.range(0, rows.length()).map(rows::type).toArray())
          .isEqualTo(Vectors.ints(expected.get(i).required("segment_ids")));
      assertThat(example.label()).isEqualTo(expected.get(i).required("label").intValue());
    }
  }

  @Test
  void followsAsBertDoes() {
    Script script = new Script().units(0.5, 0.5).numbers(0);
    assertPairs(Task.NEXT_SENTENCE, 0.1, DOCUMENTS, script, "bert_nsp_isnext");
  }

  @Test
  void drawsAnotherDocumentAsBertDoes() {
    Script script = new Script().units(0.5, 0.49, 0.5).numbers(0, 1, 0, 0);
    assertPairs(
        Task.NEXT_SENTENCE,
        0.1,
        DOCUMENTS,
        script,
        "bert_nsp_random(short_seq u .5; a_end 1; u .49<.5 -> random; doc 1; start sentence 0; then"
            + " unused sentences are re-read)");
  }

  @Test
  void ordersAsAlbertDoes() {
    Script kept = new Script().units(0.5, 0.5).numbers(0);
    assertPairs(Task.SENTENCE_ORDER, 0.1, DOCUMENTS, kept, "albert_sop_in_order");
    Script swapped = new Script().units(0.5, 0.49).numbers(0);
    assertPairs(Task.SENTENCE_ORDER, 0.1, DOCUMENTS, swapped, "albert_sop_swapped");
  }

  @Test
  void fallsBackToAnotherDocumentAsAlbertDoes() {
    Text single = Text.ofSentences(List.of(new int[] {WORDS.id("q1"), WORDS.id("q2")}));
    Script script = new Script().units(0.5).numbers(0, 1, 1);
    assertPairs(
        Task.SENTENCE_ORDER,
        0.1,
        List.of(single, DOCUMENTS.get(1)),
        script,
        "albert_sop_single_segment_falls_back_to_random_doc_label1");
  }
}
