package dev.culebra.data.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.data.batch.CausalOptions.Scope;
import dev.culebra.data.token.TokenShards;
import dev.culebra.data.token.TokenView;
import dev.culebra.runtime.BadInputException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Packing against Megatron-LM, Hugging Face and ModernBERT. */
class PackingVectorsTest {
  private static final JsonNode VECTORS = Vectors.section("packing");

  @TempDir Path folder;

  /** The vectors' eight tokens 5 6 0 | 7 8 9 0 | 4, and a ninth that is only a label. */
  private Batch pack(Scope scope, boolean labelAcross) {
    assertThat(Vectors.ints(VECTORS.required("tokens"))).containsExactly(5, 6, 0, 7, 8, 9, 0, 4);
    assertThat(VECTORS.required("eod").intValue()).isEqualTo(MemoryTokens.END);
    List<int[]> documents = List.of(new int[] {5, 6}, new int[] {7, 8, 9}, new int[] {4, 3});
    try (TokenShards shards = MemoryTokens.write(folder, 10, documents)) {
      Batch batch = new Batch(1, 8);
      CausalOptions options = new CausalOptions(1, 8, scope, labelAcross);
      new WindowPacker(TokenView.all(shards), options).pack(0, 8, batch);
      batch.finish();
      return batch;
    }
  }

  @Test
  void packsAsMegatronDoes() {
    JsonNode megatron = VECTORS.required("megatron_reset_all");
    Batch batch = pack(Scope.DOCUMENT, false);
    assertThat(batch.ids()).isEqualTo(Vectors.ints(VECTORS.required("tokens")));
    assertThat(batch.positions()).isEqualTo(Vectors.ints(megatron.required("position_ids")));
    boolean[] scored = Vectors.flags(megatron.required("loss_mask_on_input_eod"));
    for (int i = 0; i < 8; i++) {
      assertThat(HostIntervalsTest.seen(batch.attention(), i))
          .isEqualTo(Vectors.flags(megatron.required("allowed(1)").get(i)));
      assertThat(batch.labels()[i] != Batch.IGNORE).isEqualTo(scored[i]);
    }
    assertThat(batch.labelPositions()).containsExactly(0, 1, 3, 4, 5, 7, -1, -1);
    assertThat(batch.labelCount()).isEqualTo(6);
  }

  /** Hugging Face's labels stand at the token itself; the model shifts them. Ours are shifted. */
  @Test
  void packsAsHuggingFaceDoes() {
    JsonNode flat = VECTORS.required("hf_flattening");
    Batch batch = pack(Scope.DOCUMENT, false);
    assertThat(batch.ids()).isEqualTo(Vectors.ints(flat.required("input_ids").get(0)));
    assertThat(batch.positions()).isEqualTo(Vectors.ints(flat.required("position_ids").get(0)));
    int[] labels = Vectors.ints(flat.required("labels").get(0));
    assertThat(Arrays.copyOf(batch.labels(), 7)).isEqualTo(Arrays.copyOfRange(labels, 1, 8));
    int[] cumulative = Vectors.ints(flat.required("cu_seq_lens_q"));
    assertThat(Arrays.copyOf(batch.segmentStarts(), batch.segments() + 1)).isEqualTo(cumulative);
    int[] segmentOf =
        IntStream.range(0, 8)
            .map(row -> (int) Arrays.stream(cumulative).filter(start -> start <= row).count() - 1)
            .toArray();
    assertThat(segmentOf).isEqualTo(Vectors.ints(flat.required("seq_idx").get(0)));
    int longest =
        IntStream.range(0, batch.segments())
            .map(s -> batch.segmentStarts()[s + 1] - batch.segmentStarts()[s])
            .max()
            .orElseThrow();
    assertThat(longest).isEqualTo(flat.required("max_length_q").intValue());
  }

  @Test
  void seesTheWholeWindowWhereAsked() {
    Batch batch = pack(Scope.WINDOW, true);
    assertThat(batch.positions()).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
    assertThat(batch.labels()).containsExactly(6, 0, 7, 8, 9, 0, 4, 3);
    assertThat(batch.attention().starts()).containsOnly(0);
    assertThat(batch.attention().ends()).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
    assertThat(batch.segments()).isEqualTo(1);
    assertThat(pack2(Scope.WINDOW, false).labels())
        .containsExactly(6, 0, Batch.IGNORE, 8, 9, 0, Batch.IGNORE, 3);
    assertThat(pack2(Scope.DOCUMENT, true).labels()).containsExactly(6, 0, 7, 8, 9, 0, 4, 3);
  }

  private Batch pack2(Scope scope, boolean labelAcross) {
    Path outer = folder;
    folder = outer.resolve(scope + "-" + labelAcross);
    Batch batch = pack(scope, labelAcross);
    folder = outer;
    return batch;
  }

  @Test
  void fitsAsModernBertDoes() {
    JsonNode vector = VECTORS.required("best_fit(lens,cap10,rows2)");
    JsonNode expected = vector.required("expected");
    BestFit fit = BestFit.pack(Vectors.ints(vector.required("lens")), 10, 2);
    for (int r = 0; r < 2; r++) {
      assertThat(fit.rows().get(r).stream().mapToInt(i -> i).toArray())
          .isEqualTo(Vectors.ints(expected.required("rows").get(r)));
    }
    assertThat(fit.remaining().stream().mapToInt(i -> i).toArray())
        .isEqualTo(Vectors.ints(expected.required("remaining")));
    assertThat(fit.left().stream().mapToInt(i -> i).toArray())
        .isEqualTo(Vectors.ints(expected.required("left")));
  }

  @Test
  void blendsAsMegatronDoes() {
    JsonNode expected = VECTORS.required("megatron_blend_w_.5_.3_.2_n10");
    for (double scale : new double[] {1, 10}) {
      Blend blend = new Blend(.5 * scale, .3 * scale, .2 * scale);
      int[] sources = new int[10];
      int[] indices = new int[10];
      for (int i = 0; i < 10; i++) {
        Blend.Pick pick = blend.next();
        sources[i] = pick.source();
        indices[i] = Math.toIntExact(pick.index());
      }
      assertThat(sources).isEqualTo(Vectors.ints(expected.get(0)));
      assertThat(indices).isEqualTo(Vectors.ints(expected.get(1)));
    }
  }

  @Test
  void refusesWeightsThatAreNone() {
    for (double[] weights :
        new double[][] {{}, {0, 0}, {1, -1, 3}, {Double.NaN}, {Double.POSITIVE_INFINITY}}) {
      assertThatThrownBy(() -> new Blend(weights))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("weights of a blend");
    }
  }
}
