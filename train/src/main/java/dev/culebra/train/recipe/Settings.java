package dev.culebra.train.recipe;

import static dev.culebra.train.recipe.Setting.choice;
import static dev.culebra.train.recipe.Setting.flag;
import static dev.culebra.train.recipe.Setting.integer;
import static dev.culebra.train.recipe.Setting.real;
import static dev.culebra.train.recipe.Setting.text;
import static dev.culebra.train.recipe.Setting.whole;

import dev.culebra.models.dit.NoiseProcess;
import java.util.List;

/**
 * Every setting of a recipe. The defaults are those of {@code ./culebra train} without arguments.
 */
public final class Settings {

  private static final int ANY = Integer.MAX_VALUE;

  // What is trained on

  public static final Setting<String> OBJECTIVE =
      choice("objective", Recipe.OBJECTIVES, "what the model learns to do");
  public static final Setting<String> DATA =
      text(
          "data.path",
          "",
          "files or folders, apart by commas; sample:NAME for one that ships; empty for the usual");
  public static final Setting<String> FIELD =
      text("data.field", "text", "field of a .jsonl line that holds the text");
  public static final Setting<String> TEMPLATE =
      choice("data.template", List.of("plain", "chatml"), "how turns of a dialogue become text");
  public static final Setting<String> PAIRS =
      text(
          "data.pairs",
          "",
          "pairs of texts (.tsv, .csv, .jsonl) for parts of multi or mixture that read them; empty"
              + " for what ships");
  public static final Setting<String> SOURCE_FIELD =
      text("data.sourceField", "source", "field or column of a pair that holds its first text");
  public static final Setting<String> TARGET_FIELD =
      text(
          "data.targetField",
          "target",
          "field or column of a pair that holds its second text or label");
  public static final Setting<String> GROUP_FIELD =
      text(
          "data.groupField",
          "group",
          "field or column of a pair by which it is held out; may be empty");
  public static final Setting<String> NEGATIVES_FIELD =
      text(
          "data.negativesField", "negatives", "field of a JSON pair that lists wrong second texts");
  public static final Setting<String> HEADER =
      choice(
          "data.header",
          List.of("auto", "yes", "no"),
          "whether the first line of a .tsv or .csv of pairs or captions names its columns; auto"
              + " finds out");
  public static final Setting<Double> BAD_ROWS =
      real("data.badRows", 0.01, 0, 1, "share of texts, rows or images that may be unusable");
  public static final Setting<Double> HELD_OUT =
      real("data.heldOut", 0.1, 0.0001, 0.9, "share of the data kept for validation");

  public static final Setting<String> BLEND =
      text("data.weights", "", "a weight for each path, apart by commas; empty for by size");
  public static final Setting<String> REPLAY_PATH =
      text(
          "data.replayPath",
          "",
          "old data to go on training on beside the new, named likewise; empty for none");
  public static final Setting<Double> REPLAY =
      real("data.replay", 0.05, 0, 0.99, "share of samples from data.replayPath");

  // Several objectives
  public static final Setting<String> MIXTURE =
      text("mixture.parts", "", "objectives with probabilities, as in mlm:0.5,nsp:0.5 or mlm/hf:1");
  public static final Setting<String> MIXTURE_BY =
      choice(
          "mixture.by",
          List.of("sample", "batch"),
          "what an objective of the mixture is drawn for");
  public static final Setting<String> MULTI =
      text(
          "multi.parts", "", "objectives with weights, as in mlm/hf:1,sop:0.5 or clip:1,caption:2");

  // What is hidden

  public static final Setting<String> PROFILE =
      text("corruption.profile", "", "named variant of the corruption; empty for the usual one");
  public static final Setting<Double> RATE =
      real(
          "corruption.rate",
          0,
          0,
          1,
          "share of tokens to hide, for fim of texts to cut; 0 for the profile's");
  public static final Setting<Double> SPAN =
      real(
          "corruption.meanSpan",
          0,
          0,
          10_000,
          "mean length of hidden spans, in tokens, for denoising in words; 0 for the profile's");
  public static final Setting<Boolean> WHOLE_WORDS =
      flag("corruption.wholeWords", false, "whether whole words are hidden, whatever the profile");
  public static final Setting<Integer> N_GRAM =
      integer(
          "corruption.nGram",
          0,
          0,
          1000,
          "most words or tokens masked in a row; 0 for the profile's");
  public static final Setting<Integer> LIMIT =
      integer("corruption.limit", 0, 0, ANY, "most tokens masked in a text; 0 for no limit");
  public static final Setting<Double> GIVEN =
      real("corruption.share", 0, 0, 0.99, "share of a text given as prefix; 0 for a drawn one");
  public static final Setting<String> CLOSING =
      choice(
          "corruption.closing",
          List.of("auto", "true", "false"),
          "whether one more sentinel closes the list of hidden spans; auto for the profile's");
  public static final Setting<Double> PERMUTE =
      real("corruption.permute", -1, -1, 1, "share of sentences to permute; -1 for the profile's");
  public static final Setting<Double> INSERT =
      real("corruption.insert", 0, 0, 1, "share of masks to insert; 0 for the profile's");
  public static final Setting<Double> ROTATE =
      real("corruption.rotate", 0, 0, 1, "share of texts to rotate; 0 for the profile's");
  public static final Setting<String> MIX =
      text("corruption.mix", "", "weights of ul2's R, S and X, as in 0.4,0.2,0.4; empty for auto");
  public static final Setting<Double> SUFFIX_FIRST =
      real(
          "corruption.suffixFirst",
          0,
          0,
          0.99,
          "share of texts cut by fim whose suffix comes first; 0 for the profile's");

  // Noise of images

  public static final Setting<Boolean> IMAGE_RESIZE =
      flag("image.resize", true, "whether images of another size are resized, or else left out");
  public static final Setting<Integer> NOISE_STEPS =
      integer("diffusion.steps", 1000, 2, 100_000, "steps from an image to noise");
  public static final Setting<String> NOISE_SCHEDULE =
      choice("diffusion.schedule", NoiseProcess.KINDS, "how noise grows with the steps");
  public static final Setting<String> PREDICT =
      choice("diffusion.predict", List.of("epsilon", "v"), "what is asked: the noise, or v");
  public static final Setting<Boolean> ZERO_TERMINAL_SNR =
      flag("diffusion.zeroTerminalSnr", false, "whether the last step is noise alone; needs v");
  public static final Setting<Double> MIN_SNR =
      real("diffusion.minSnr", 0, 0, 1e9, "gamma of min-SNR loss weights, usually 5; 0 for none");
  public static final Setting<Double> EMA =
      real("diffusion.ema", 0.9999, 0, 1, "what the average of the weights keeps in a step");
  public static final Setting<Boolean> CONDITIONAL =
      flag("diffusion.classes", true, "whether the model is told the images' classes, if known");
  public static final Setting<Double> CLASS_DROPOUT =
      real("diffusion.classDropout", 0.1, 0, 1, "share of images whose class is not told");
  public static final Setting<Integer> NOISE_DRAWS =
      integer("diffusion.draws", 8, 1, 10_000, "how often each held-out image is noised");

  // Tokens

  public static final Setting<String> TOKENIZER =
      text("tokenizer.file", "", "a tokenizer.json to use; empty to train one on the data");
  public static final Setting<Integer> VOCABULARY =
      integer("tokenizer.vocabulary", 2048, 1, ANY, "token ids of a tokenizer trained here");

  // The model

  public static final Setting<String> FAMILY =
      choice(
          "model.family",
          List.of("auto", "llama", "gpt2", "bert", "electra", "t5", "bart", "clip", "vit-bert"),
          "design, names and initialisation; auto is the objective's usual one");
  public static final Setting<String> INIT =
      text(
          "model.from",
          "",
          "a model folder to start from, whose sizes it keeps, with heads and vocabulary made to"
              + " fit; empty for new weights");
  public static final Setting<Integer> CONTEXT =
      integer("model.context", 128, 1, ANY, "positions of a sequence");
  public static final Setting<Integer> WIDTH =
      integer("model.width", 128, 1, ANY, "values per position");
  public static final Setting<Integer> LAYERS = integer("model.layers", 4, 1, 10_000, "blocks");
  public static final Setting<Integer> DECODER_LAYERS =
      integer("model.decoderLayers", 0, 0, 10_000, "a decoder's beside an encoder; 0 for as many");
  public static final Setting<Integer> HEADS =
      integer("model.heads", 4, 1, ANY, "attention heads; must divide the width");
  public static final Setting<Integer> KV_HEADS =
      integer("model.kvHeads", 0, 0, ANY, "key and value heads; 0 for as many as heads");
  public static final Setting<Integer> HIDDEN =
      integer("model.hidden", 0, 0, ANY, "feed-forward width; 0 for the family's rule");
  public static final Setting<Double> EPSILON =
      real("model.epsilon", 1e-5, 1e-12, 1, "epsilon of the normalisations");
  public static final Setting<Double> ROPE_THETA =
      real("model.ropeTheta", 10_000, 1, Double.MAX_VALUE, "base of rotary positions");
  public static final Setting<Boolean> TIED =
      flag("model.tied", true, "whether the output matrix is the embedding");
  public static final Setting<Double> DROPOUT =
      real("model.dropout", 0, 0, 0.99, "share of values dropped in training, in every block");

  // Pairs and images

  public static final Setting<String> CONTRAST =
      choice(
          "contrast.profile",
          List.of("auto", "infonce", "clip", "mnrl", "siglip"),
          "loss of pairs; auto is the objective's usual one, symmetric but for siglip");
  public static final Setting<Double> TEMPERATURE =
      real("contrast.temperature", 0, 0, 100, "temperature at the start; 0 for the profile's");
  public static final Setting<String> EXCEPTIONS =
      text(
          "contrast.exceptions",
          "",
          "pairs (.tsv, .csv, .jsonl) beside the data's that fit too, hence no negatives; empty for"
              + " none");
  public static final Setting<String> GUIDE =
      text("contrast.guide", "", "a model whose opinion masks false negatives; empty for none");
  public static final Setting<Double> GUIDE_MARGIN =
      real("contrast.guideMargin", 0, -2, 2, "how far below its positive the guide's limit lies");
  public static final Setting<Integer> HARD_NEGATIVES =
      integer("contrast.hardNegatives", 0, 0, 1000, "negatives of a pair's own to use, at most");
  public static final Setting<Integer> CHUNK =
      integer("contrast.chunk", 0, 0, ANY, "texts or images embedded at once; 0 for the batch");
  public static final Setting<Double> WEIGHT_CAPTION =
      real("caption.weight", 1, 0, 1e6, "weight of a caption's next tokens in the loss");
  public static final Setting<Double> WEIGHT_CONTRASTIVE =
      real("caption.contrastive", 0, 0, 1e6, "weight of images and captions that find each other");
  public static final Setting<Double> WEIGHT_MASKED =
      real("caption.masked", 0, 0, 1e6, "weight of a caption's masked tokens");
  public static final Setting<String> TOWERS =
      choice("model.towers", List.of("shared", "two"), "encoders of a text beside a text");
  public static final Setting<Integer> DIMENSION =
      integer(
          "model.dimension",
          0,
          0,
          ANY,
          "values of embeddings of images and texts; 0 for the width");
  public static final Setting<Integer> IMAGE_SIDE =
      integer("image.side", 32, 1, 4096, "images are brought to so many pixels each way");
  public static final Setting<Integer> IMAGE_CHANNELS =
      integer("image.channels", 3, 1, 3, "1 for grey, 3 for red, green and blue");
  public static final Setting<Integer> IMAGE_PATCH =
      integer("image.patch", 8, 1, 4096, "side of an image's patches; must divide image.side");

  // Judging

  public static final Setting<String> GOAL =
      text("goal.metric", "", "figure by which a run is judged; empty for none");
  public static final Setting<Double> MARGIN =
      real("goal.margin", 0, 0, 1e9, "by how much it is to beat its strongest baseline");

  // Batches

  public static final Setting<String> PACKING =
      choice(
          "batch.packing", List.of("packed", "windowed"), "whether attention stops at documents");
  public static final Setting<Integer> SEQUENCES =
      integer("batch.sequences", 16, 1, ANY, "sequences of a micro-batch");
  public static final Setting<Integer> ACCUMULATION =
      integer("batch.accumulation", 1, 1, ANY, "micro-batches of a step");
  public static final Setting<Boolean> CROSS_LABELS =
      flag("batch.crossDocumentLabels", false, "whether a document's end predicts the next one");

  // The loss

  public static final Setting<Double> LABEL_SMOOTHING =
      real("loss.labelSmoothing", 0, 0, 0.999, "share of the target spread over all classes");
  public static final Setting<Double> Z_LOSS =
      real("loss.zLoss", 0, 0, 1, "weight of the squared log of the softmax's denominator");
  public static final Setting<Integer> LOGITS_BUDGET =
      integer("loss.logitsMiB", 32, 1, 1 << 20, "memory for a chunk of logits, MiB");

  // The optimiser

  public static final Setting<String> OPTIMIZER =
      choice(
          "optimizer.name",
          List.of("muon", "adamw"),
          "muon takes the hidden matrices and leaves the rest to adamw");
  public static final Setting<Double> LEARNING_RATE =
      real(
          "optimizer.learningRate",
          0,
          0,
          10,
          "peak learning rate; 0 for the optimiser's usual one, 0.01 for muon, 0.003 for adamw");
  public static final Setting<Double> WEIGHT_DECAY =
      real("optimizer.weightDecay", 0.1, 0, 10, "decoupled decay of matrices");
  public static final Setting<Double> BETA1 =
      real("optimizer.beta1", 0.9, 0, 0.9999, "decay of the first moment");
  public static final Setting<Double> BETA2 =
      real("optimizer.beta2", 0.95, 0, 0.999999, "decay of the second moment");
  public static final Setting<Double> ADAM_EPSILON =
      real("optimizer.epsilon", 1e-8, 1e-30, 1, "added to the root of the second moment");
  public static final Setting<Double> CLIP =
      real("optimizer.clip", 1, 0, Double.MAX_VALUE, "largest global norm; 0 for no clipping");

  // The schedule

  public static final Setting<String> SCHEDULE =
      choice(
          "schedule.kind", List.of("cosine", "wsd"), "warm-up, then cosine or plateau and decay");
  public static final Setting<Integer> STEPS =
      integer("schedule.steps", 700, 1, ANY, "optimiser steps");
  public static final Setting<Integer> WARMUP =
      integer("schedule.warmup", 50, 0, ANY, "steps of linear warm-up");
  public static final Setting<Double> DECAY =
      real("schedule.decay", 0.2, 0, 1, "share of the steps that wsd's decay takes");
  public static final Setting<Double> FLOOR =
      real("schedule.floor", 0.05, 0, 1, "last learning rate over the peak");

  // The run

  public static final Setting<Integer> EVALUATE_EVERY =
      integer("run.evaluateEvery", 100, 1, ANY, "steps from one validation to the next");
  public static final Setting<Integer> EVALUATE_TOKENS =
      integer(
          "run.evaluateTokens",
          32_768,
          1,
          ANY,
          "held-out tokens, pairs or images of a validation on the way");
  public static final Setting<Integer> CHECKPOINT_EVERY =
      integer("run.checkpointEvery", 200, 1, ANY, "steps from one checkpoint to the next");
  public static final Setting<Integer> KEEP =
      integer("run.keepCheckpoints", 2, 1, ANY, "checkpoints to keep");
  public static final Setting<Integer> THREADS =
      integer("run.threads", 0, 0, 4096, "CPU threads; 0 for all cores");
  public static final Setting<String> DEVICE =
      text("run.device", "auto", "auto, cpu, cuda[:n] or soft");
  public static final Setting<String> PRECISION =
      choice(
          "run.precision",
          List.of("auto", "fp32", "tf32", "bf16"),
          "numbers to compute in; auto is fp32 on the CPU, bf16 on CUDA devices");
  public static final Setting<Boolean> GRAPH =
      flag("run.graph", true, "whether a CUDA device replays the step as one graph");
  public static final Setting<Long> SEED = whole("run.seed", 1, "seed of weights and data order");

  private Settings() {}

  /** Makes sure that all settings are defined. */
  static void load() {}
}
