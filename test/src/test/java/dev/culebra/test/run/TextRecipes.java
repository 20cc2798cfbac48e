package dev.culebra.test.run;

import dev.culebra.runtime.text.Format;
import dev.culebra.train.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;

/** Every recipe of text, on models and texts so small that a run takes a moment. */
public final class TextRecipes {

  /** Names of recipes, and behind a space settings that make another run of them. */
  public static final List<String> ALL =
      List.of(
          "clm",
          "mlm",
          "prefix-lm",
          "prefix-lm model.family=t5",
          "span-corruption",
          "span-corruption model.dropout=0.2",
          "denoising",
          "nsp",
          "sop",
          "ul2",
          "ul2 model.family=llama",
          "fim",
          "seq2seq",
          "seq2seq model.family=gpt2 loss.labelSmoothing=0.1",
          "electra model.dropout=0.1",
          "mixture",
          "mixture mixture.parts=mlm:0.5,nsp:0.5 mixture.by=batch",
          "mixture mixture.parts=span-corruption:0.5,seq2seq:0.5",
          "multi",
          "multi multi.parts=mlm:1,nsp:0.5,contrastive:0.5",
          "multi multi.parts=clm:1,seq2seq/decoder:2 model.family=gpt2");

  private TextRecipes() {}

  /** A recipe of {@link #ALL} over the data in {@code folder}, which {@link #write} made. */
  public static Recipe recipe(String name, Path folder, String... more) {
    String[] words = name.split(" ", -1);
    boolean pairs = words[0].equals("seq2seq");
    Path data = folder.resolve(pairs ? "pairs.tsv" : "sentences.txt");
    Recipe recipe = Recipe.named(words[0]).with("data.path", data.toString(), "test");
    if (name.matches("(multi|mixture) .*(seq2seq|contrastive).*")) {
      recipe = recipe.with("data.pairs", folder.resolve("pairs.tsv").toString(), "test");
    }
    recipe =
        SmallRun.with(
            recipe,
            "tokenizer.vocabulary=300",
            "model.width=16",
            "model.layers=2",
            "model.heads=2",
            "model.context=32",
            "batch.sequences=3",
            "batch.accumulation=2",
            "schedule.steps=6",
            "schedule.warmup=1",
            "run.evaluateEvery=4",
            "run.evaluateTokens=64",
            "run.checkpointEvery=2");
    for (int i = 1; i < words.length; i++) {
      recipe = SmallRun.with(recipe, words[i]);
    }
    return SmallRun.with(recipe, more);
  }

  /** Writes sentences of a few words, and pairs of texts in groups; the same every time. */
  public static void write(Path folder) throws IOException {
    String[] words = {"the", "whale", "sea", "and", "a", "ship", "white", "sailed", "saw", "old"};
    SplittableRandom random = new SplittableRandom(7);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 3000; i++) {
      text.append(words[random.nextInt(words.length)]).append(i % 7 == 6 ? ". " : " ");
    }
    Files.writeString(folder.resolve("sentences.txt"), text);
    StringBuilder pairs = new StringBuilder();
    for (int i = 0; i < 200; i++) {
      String source = words[random.nextInt(words.length)] + " " + words[i % words.length];
      pairs.append(Format.text("%s\t%s again\tgroup %d%n", source, source, i / 2));
    }
    Files.writeString(folder.resolve("pairs.tsv"), pairs);
  }
}
