package dev.culebra.models.bert;

import dev.culebra.models.nn.Sizes;
import dev.culebra.models.nn.TransformerShape;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.kernel.Activation;
import dev.culebra.runtime.kernel.Norm;

/**
 * The shape of an encoder: BERT's (Devlin et al. 2019, arXiv:1810.04805), whose norms stand behind
 * attention and feed-forward layers.
 *
 * @param vocabulary number of token ids, V
 * @param context most positions a sequence may have, T
 * @param width values per position, C
 * @param layers blocks, L
 * @param heads H; divides the width
 * @param hidden width of the feed-forward layer
 * @param epsilon of the normalisations
 * @param activation of the feed-forward layer
 * @param head which heads stand on it
 */
public record EncoderShape(
    int vocabulary,
    int context,
    int width,
    int layers,
    int heads,
    int hidden,
    double epsilon,
    Activation activation,
    Head head) {

  /** What an encoder's rows are asked. */
  public enum Head {
    /** Nothing: the rows themselves are wanted, as for embeddings. */
    NONE("BertModel"),
    /** Tokens. */
    TOKENS("BertForMaskedLM"),
    /** Tokens, and a question of two answers about the whole. */
    TOKENS_AND_PAIR("BertForPreTraining");

    private final String published;

    Head(String published) {
      this.published = published;
    }

    /** The class of transformers that reads such a model. */
    String published() {
      return published;
    }

    /** The heading of a class of transformers, BertForPreTraining if it is none of these. */
    static Head of(String published) {
      for (Head head : values()) {
        if (head.published.equals(published)) {
          return head;
        }
      }
      return TOKENS_AND_PAIR;
    }
  }

  /** Refuses impossible shapes, before anything is allocated. */
  public EncoderShape {
    Sizes.positive("vocabulary", vocabulary);
    Sizes.positive("context", context);
    Sizes.layers("layers", layers);
    Sizes.positive("hidden", hidden);
    Sizes.heads(width, heads);
    if (!(epsilon > 0)) {
      throw new BadInputException("model.epsilon must be positive, not " + epsilon);
    }
  }

  /** The same with another number of token ids. */
  public EncoderShape withVocabulary(int ids) {
    return new EncoderShape(ids, context, width, layers, heads, hidden, epsilon, activation, head);
  }

  /** The same with other heads. */
  public EncoderShape with(Head other) {
    return new EncoderShape(
        vocabulary, context, width, layers, heads, hidden, epsilon, activation, other);
  }

  public Norm norm() {
    return new Norm(Norm.Kind.LAYER, (float) epsilon);
  }

  public TransformerShape stack() {
    return TransformerShape.of(heads, width / heads, norm(), false, activation);
  }
}
