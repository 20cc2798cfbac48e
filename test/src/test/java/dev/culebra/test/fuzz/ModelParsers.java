package dev.culebra.test.fuzz;

import dev.culebra.data.image.Pixels;
import dev.culebra.data.image.Preprocessing;
import dev.culebra.data.image.PreprocessorConfig;
import dev.culebra.models.ModelFolder;
import dev.culebra.models.bert.Encoder;
import dev.culebra.models.bert.EncoderShape;
import dev.culebra.models.bert.EncoderShape.Head;
import dev.culebra.models.decoder.Decoder;
import dev.culebra.models.decoder.DecoderFamily;
import dev.culebra.models.decoder.DecoderShape;
import dev.culebra.models.dit.Denoiser;
import dev.culebra.models.dit.DenoiserShape;
import dev.culebra.models.dit.NoiseProcess;
import dev.culebra.models.dit.NoiseSchedule.Prediction;
import dev.culebra.models.dual.DualEncoder;
import dev.culebra.models.dual.DualEncoder.Start;
import dev.culebra.models.dual.ImageTextEncoder;
import dev.culebra.models.dual.ImageTextShape;
import dev.culebra.models.dual.ImageTextShape.Tower;
import dev.culebra.models.dual.TextEncoders;
import dev.culebra.models.electra.Electra;
import dev.culebra.models.electra.ElectraShape;
import dev.culebra.models.encoderdecoder.EncoderDecoder;
import dev.culebra.models.encoderdecoder.EncoderDecoderShape;
import dev.culebra.models.nn.Model;
import dev.culebra.models.nn.Rotary;
import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.io.Safetensors;
import dev.culebra.runtime.io.SafetensorsWriter;
import dev.culebra.runtime.io.ShardIndex;
import dev.culebra.runtime.io.StoredType;
import dev.culebra.runtime.io.TensorSpec;
import dev.culebra.runtime.kernel.Activation;
import dev.culebra.train.inference.Generator;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** Everything that says what a model is and holds its weights. */
final class ModelParsers {
  private static final int WIDTH = 8;
  private static final int TOKENS = 24;
  private static final EncoderShape ENCODER =
      new EncoderShape(TOKENS, 8, WIDTH, 1, 2, 16, 1e-6, Activation.GELU, Head.TOKENS);
  private static final Tower TOWER = new Tower(WIDTH, 1, 2, 16, 1e-6, Activation.GELU);

  private ModelParsers() {}

  static List<Parser> all() {
    List<Parser> all = new ArrayList<>();
    all.add(family("gpt2", device -> new Decoder(device, decoder(DecoderFamily.GPT2))));
    all.add(family("llama", device -> new Decoder(device, decoder(DecoderFamily.LLAMA))));
    all.add(family("bert", device -> new Encoder(device, ENCODER)));
    all.add(family("electra", device -> new Electra(device, ElectraShape.of(ENCODER))));
    all.add(
        config(
            "config-electra-generator",
            "generator/config.json",
            device -> new Electra(device, ElectraShape.of(ENCODER))));
    for (EncoderDecoderShape.Family family : EncoderDecoderShape.Family.values()) {
      all.add(family(family.id(), device -> new EncoderDecoder(device, both(family))));
    }
    for (ImageTextShape.Design design : ImageTextShape.Design.values()) {
      all.add(
          family(
              design.id(),
              device -> new ImageTextEncoder(device, images(design), new Start(2.6f, -1f))));
    }
    all.add(
        family(
            "dual-bert",
            device ->
                new TextEncoders(device, ENCODER.with(Head.NONE), true, new Start(2.6f, null))));
    all.add(
        family(
            "dit",
            device -> new Denoiser(device, new DenoiserShape(4, 2, 1, 8, 1, 2, 3, 10, 1e-6))));
    all.add(weights());
    all.add(
        new Parser(
            "weights-of-a-model",
            Form.SAFETENSORS,
            "model.safetensors",
            List.of(),
            folder -> save(folder, device -> new Decoder(device, decoder(DecoderFamily.LLAMA))),
            ModelParsers::load,
            3));
    all.add(index());
    for (String file :
        List.of(
            "modules.json",
            "1_Pooling/config.json",
            "sentence_bert_config.json",
            "config_sentence_transformers.json")) {
      all.add(sentence(file));
    }
    all.add(
        new Parser(
            "generation-rules",
            Form.JSON,
            "generation_config.json",
            List.of(),
            folder -> {
              TokenizerParsers.writing(folder);
              DecoderShape shape = decoder(DecoderFamily.GPT2).withVocabulary(13);
              save(folder, device -> new Decoder(device, shape));
            },
            folder -> Generator.open(folder, OneDevice.CPU).close(),
            3));
    all.add(preprocessor("preprocessor-config", PreprocessorConfig.FILE, false));
    all.add(preprocessor("processor-config", "processor_config.json", true));
    all.add(
        new Parser(
            "scheduler-config",
            Form.JSON,
            NoiseProcess.FILE,
            List.of(),
            folder -> new NoiseProcess(50, "linear", Prediction.EPSILON, false).save(folder),
            folder -> NoiseProcess.load(folder).schedule(),
            1));
    return all;
  }

  private static DecoderShape decoder(DecoderFamily family) {
    return new DecoderShape(family, TOKENS, 8, WIDTH, 1, 2, 2, 16, 1e-6, Rotary.of(10_000), true);
  }

  private static EncoderDecoderShape both(EncoderDecoderShape.Family family) {
    return new EncoderDecoderShape(
        family,
        TOKENS,
        8,
        WIDTH,
        1,
        1,
        2,
        4,
        16,
        1e-6,
        Activation.GELU,
        family == EncoderDecoderShape.Family.T5,
        family == EncoderDecoderShape.Family.BART,
        8,
        16);
  }

  private static ImageTextShape images(ImageTextShape.Design design) {
    return new ImageTextShape(design, TOWER, TOKENS, 8, 0, TOWER, 4, 3, 2, 4, 0);
  }

  private static Parser family(String name, Function<Device, Model> model) {
    return config("config-" + name, "config.json", model);
  }

  private static Parser config(String name, String file, Function<Device, Model> model) {
    return new Parser(
        name, Form.JSON, file, List.of(), folder -> save(folder, model), ModelParsers::load, 3);
  }

  private static void save(Path folder, Function<Device, Model> build) throws IOException {
    try (Device device = CpuDevice.open(1);
        Model model = build.apply(device)) {
      ModelFolder.save(folder, device, model, Model.TokenIds.ending(0), null);
    }
  }

  private static void load(Path folder) {
    ModelFolder.type(folder);
    ModelFolder.load(folder, OneDevice.CPU).close();
  }

  /** Opened once for all inputs: it has threads and a workspace. */
  private static final class OneDevice {
    static final Device CPU = CpuDevice.open(1);
  }

  private static Parser weights() {
    return new Parser(
        "safetensors",
        Form.SAFETENSORS,
        "a.safetensors",
        List.of(),
        folder -> {
          SafetensorsWriter writer = new SafetensorsWriter().metadata("format", "pt");
          for (StoredType type :
              List.of(StoredType.F64, StoredType.F32, StoredType.F16, StoredType.BF16)) {
            TensorSpec spec = new TensorSpec("a." + type, type, new long[] {2, 3});
            writer.add(spec, MemorySegment.ofArray(new byte[(int) spec.bytes()]));
          }
          writer.write(folder.resolve("a.safetensors"));
        },
        folder -> {
          try (Safetensors file = Safetensors.open(folder.resolve("a.safetensors"))) {
            for (Safetensors.Entry entry : file.entries()) {
              if (entry.spec().elements() < 1000) {
                float[] floats = new float[(int) entry.spec().elements()];
                file.readFloats(entry.spec().name(), MemorySegment.ofArray(floats));
              }
            }
          }
        },
        1);
  }

  private static Parser index() {
    String file = "model.safetensors" + ShardIndex.SUFFIX;
    return new Parser(
        "safetensors-index",
        Form.JSON,
        file,
        List.of(),
        folder -> {
          save(folder, device -> new Decoder(device, decoder(DecoderFamily.GPT2)));
          Path whole = folder.resolve("model.safetensors");
          SafetensorsWriter shards = new SafetensorsWriter();
          try (Safetensors one = Safetensors.open(whole)) {
            one.entries().forEach(entry -> shards.add(entry.spec(), entry.data()));
            ShardIndex.write(whole, shards, 1500);
          }
          Files.deleteIfExists(whole);
        },
        ModelParsers::load,
        3);
  }

  /** A file of a folder that sentence-transformers wrote. */
  private static Parser sentence(String file) {
    return new Parser(
        "sentence-" + file.replaceAll("/.*|\\.json", "").replace('_', '-').toLowerCase(Locale.ROOT),
        Form.JSON,
        file,
        List.of(),
        folder -> {
          String golden = "/golden/sentence/bert/";
          Files.createDirectories(folder.resolve("1_Pooling"));
          Files.createDirectories(folder.resolve("2_Normalize"));
          for (String name :
              List.of(
                  "modules.json",
                  "1_Pooling/config.json",
                  "2_Normalize/config.json",
                  "config.json",
                  "config_sentence_transformers.json",
                  "sentence_bert_config.json",
                  "model.safetensors",
                  "tokenizer.json",
                  "tokenizer_config.json")) {
            try (InputStream in = ModelParsers.class.getResourceAsStream(golden + name)) {
              Files.write(folder.resolve(name), in.readAllBytes());
            }
          }
        },
        folder -> ModelFolder.load(folder, OneDevice.CPU, DualEncoder.class, "search").close(),
        3);
  }

  private static Parser preprocessor(String name, String file, boolean nested) {
    return new Parser(
        name,
        Form.JSON,
        file,
        List.of(),
        folder -> {
          String own =
              PreprocessorConfig.write(Preprocessing.square(Preprocessing.Kind.values()[0], 4, 3))
                  .toString();
          Files.writeString(
              folder.resolve(file), nested ? "{\"image_processor\": " + own + "}" : own);
        },
        folder -> {
          Preprocessing how = PreprocessorConfig.read(folder);
          if (how != null) {
            how.apply(new Pixels(5, 3, 3, new byte[45]), "an image");
          }
        },
        1);
  }
}
