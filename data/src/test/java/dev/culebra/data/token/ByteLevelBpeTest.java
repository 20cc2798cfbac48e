package dev.culebra.data.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.runtime.BadInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Our tokenizer, written, read again and loaded by Hugging Face's library: all three agree. */
class ByteLevelBpeTest {
  private static ByteLevelBpe trained;
  private static Path file;
  private static Tokenizer read;
  private static Tokenizer huggingFace;

  @BeforeContainer
  static void train() throws IOException {
    BpeTrainer trainer = new BpeTrainer();
    trainer.add(Sample.text());
    trainer.add("été ÉTÉ Жизнь жизнь 中文中文 ไทยไทย 12 12 ٣٣ ٣٣ 🐋🐋 🐋🐋 \u00A0\u00A0 \n\n\n \t\t");
    trained = trainer.train(2000);
    file = Files.createTempFile("culebra", ".json");
    trained.save(file);
    read = Tokenizers.load(file);
    huggingFace = Tokenizers.loadNative(file);
  }

  @AfterContainer
  static void close() throws IOException {
    read.close();
    huggingFace.close();
    Files.delete(file);
  }

  @Property(tries = 3000)
  void decodesWhatItEncodes(@ForAll(supplier = UnicodeText.class) String text) {
    assertThat(trained.decode(trained.encode(text))).isEqualTo(text);
  }

  @Property(tries = 3000)
  void encodesAsHuggingFaceDoes(@ForAll(supplier = UnicodeText.class) String text) {
    int[] ids = trained.encode(text);
    assertThat(read.encode(text)).isEqualTo(ids);
    assertThat(huggingFace.encode(text)).isEqualTo(ids);
    assertThat(huggingFace.decode(ids)).isEqualTo(text);
  }

  @Property(tries = 1000)
  void decodesAnyIdsAsHuggingFaceDoes(@ForAll int[] seeds) {
    int[] ids = Arrays.stream(seeds).map(s -> Math.floorMod(s, 2000)).toArray();
    assertThat(trained.decode(ids)).isEqualTo(huggingFace.decode(ids));
    int[] bytes =
        Arrays.stream(seeds).map(s -> 1 + Math.floorMod((s * 0x9E3779B9) >>> 8, 256)).toArray();
    assertThat(trained.decode(bytes)).isEqualTo(huggingFace.decode(bytes));
  }

  @Property(tries = 200)
  void readsUnpairedSurrogatesAsReplacements(@ForAll String text) {
    String broken = text + "\uD83D " + text + "\uDC0B";
    String repaired = Surrogates.repair(broken);
    assertThat(repaired).hasSameSizeAs(broken).contains("\uFFFD");
    assertThat(trained.decode(trained.encode(broken))).isEqualTo(repaired);
    assertThat(huggingFace.encode(broken)).isEqualTo(trained.encode(broken));
  }

  @Example
  void encodesTheSampleAsHuggingFaceDoes() {
    int[] ids = trained.encode(Sample.text());
    assertThat(read.encode(Sample.text())).isEqualTo(ids);
    assertThat(huggingFace.encode(Sample.text())).isEqualTo(ids);
    assertThat(trained.decode(ids)).isEqualTo(Sample.text());
  }

  @Example
  void readsWhatItWrote() {
    assertThat(read).isInstanceOf(ByteLevelBpe.class).hasToString("byte-level BPE of 2000 tokens");
    assertThat(((ByteLevelBpe) read).toJson()).isEqualTo(trained.toJson());
    assertThat(huggingFace)
        .hasToString("2000 tokens, through Hugging Face's native library (asked for)");
  }

  @Example
  void treatsSpecialTokensInTextAsText() {
    for (Tokenizer tokenizer : new Tokenizer[] {trained, read, huggingFace}) {
      assertThat(tokenizer.endOfText()).isZero();
      assertThat(tokenizer.encode("a<|endoftext|>b")).doesNotContain(0);
      assertThat(tokenizer.decode(new int[] {0})).isEqualTo("<|endoftext|>");
    }
  }

  @Example
  void namesTokensAndIds() {
    for (Tokenizer tokenizer : new Tokenizer[] {trained, read, huggingFace}) {
      int[] ids = tokenizer.encode(" the");
      assertThat(ids).hasSize(1);
      assertThat(tokenizer.token(ids[0])).isEqualTo("Ġthe");
      assertThat(tokenizer.id("Ġthe")).hasValue(ids[0]);
      assertThat(tokenizer.id("no such token")).isEmpty();
      assertThat(tokenizer.vocabularySize()).isEqualTo(2000);
      assertThat(tokenizer.encode("")).isEmpty();
      assertThat(tokenizer.decode(new int[0])).isEmpty();
    }
  }

  @Example
  void refusesIdsOutsideTheVocabulary() {
    for (Tokenizer tokenizer : new Tokenizer[] {trained, huggingFace}) {
      for (int id : new int[] {-1, 2000, Integer.MAX_VALUE}) {
        assertThatThrownBy(() -> tokenizer.decode(new int[] {5, id}))
            .isInstanceOf(BadInputException.class)
            .hasMessage("Token id " + id + " is outside the vocabulary of 2000 (ids 0 to 1999)");
        assertThatThrownBy(() -> tokenizer.token(id)).isInstanceOf(BadInputException.class);
      }
    }
  }

  @Example
  void isOfNoUseAfterClose() {
    for (Tokenizer tokenizer :
        new Tokenizer[] {Tokenizers.load(file), Tokenizers.loadNative(file)}) {
      tokenizer.close();
      tokenizer.close();
      assertThatThrownBy(() -> tokenizer.encode("a"))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("This tokenizer is closed");
      assertThatThrownBy(() -> tokenizer.decode(new int[] {1}))
          .isInstanceOf(IllegalStateException.class);
    }
  }
}
