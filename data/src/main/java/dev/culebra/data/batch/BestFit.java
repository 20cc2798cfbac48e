package dev.culebra.data.batch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Greedy best-fit packing of whole texts into rows of equal capacity, as ModernBERT's {@code
 * GreedyBestFitSequencePacker} does: each text, in order, goes to the row whose room it leaves
 * smallest; of equal ones to the first.
 *
 * @param rows for each row the texts in it, in order of arrival
 * @param remaining for each row the room left
 * @param left the texts that fitted nowhere, in order of arrival
 */
public record BestFit(List<List<Integer>> rows, List<Integer> remaining, List<Integer> left) {

  /** Packs texts of these lengths. */
  public static BestFit pack(int[] lengths, int capacity, int rowCount) {
    List<List<Integer>> rows = new ArrayList<>();
    for (int r = 0; r < rowCount; r++) {
      rows.add(new ArrayList<>());
    }
    int[] room = new int[rowCount];
    Arrays.fill(room, capacity);
    List<Integer> left = new ArrayList<>();
    for (int text = 0; text < lengths.length; text++) {
      int best = -1;
      for (int r = 0; r < rowCount; r++) {
        if (room[r] >= lengths[text] && (best < 0 || room[r] < room[best])) {
          best = r;
        }
      }
      if (best < 0) {
        left.add(text);
      } else {
        rows.get(best).add(text);
        room[best] -= lengths[text];
      }
    }
    return new BestFit(
        rows.stream().map(List::copyOf).toList(),
        Arrays.stream(room).boxed().toList(),
        List.copyOf(left));
  }
}
