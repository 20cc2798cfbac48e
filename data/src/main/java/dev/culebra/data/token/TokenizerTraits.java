package dev.culebra.data.token;

/**
 * What a tokenizer's files say beside its vocabulary.
 *
 * @param template what is put around a text
 * @param roles what its special tokens are for
 * @param marks how its tokens tell where words begin
 */
public record TokenizerTraits(Template template, TokenRoles roles, WordMarks marks) {

  /** Those of a byte-level BPE without any other file. */
  public static final TokenizerTraits PLAIN =
      new TokenizerTraits(Template.NONE, TokenRoles.NONE, WordMarks.BYTES);
}
