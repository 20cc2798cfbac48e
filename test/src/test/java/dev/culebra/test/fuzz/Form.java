package dev.culebra.test.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** How files of a kind are changed so that a change is not always stopped at the first look. */
enum Form {
  /** Any bytes. */
  BYTES {
    @Override
    byte[] mutate(byte[] seed, RandomGenerator random) {
      return Bytes.mutate(seed, random);
    }
  },

  /** One JSON value. */
  JSON {
    @Override
    byte[] mutate(byte[] seed, RandomGenerator random) {
      byte[] tree = Trees.mutate(new String(seed, UTF_8), random).getBytes(UTF_8);
      return random.nextInt(8) == 0 ? Bytes.mutate(tree, random) : tree;
    }
  },

  /** Lines, each of which may be a JSON value. */
  LINES {
    @Override
    byte[] mutate(byte[] seed, RandomGenerator random) {
      List<String> lines = new ArrayList<>(List.of(new String(seed, UTF_8).split("\n", -1)));
      int at = random.nextInt(lines.size());
      switch (random.nextInt(8)) {
        case 0 -> lines.remove(at);
        case 1 -> lines.add(at, lines.get(random.nextInt(lines.size())));
        case 2 -> lines.set(at, "");
        case 3 -> {
          return Bytes.mutate(seed, random);
        }
        default -> lines.set(at, Trees.mutate(lines.get(at), random));
      }
      byte[] all = String.join("\n", lines).getBytes(UTF_8);
      return random.nextInt(6) == 0 ? Bytes.mutate(all, random) : all;
    }
  },

  /** Lines behind gzip, whose checksum is right more often than not. */
  GZIP {
    @Override
    byte[] mutate(byte[] seed, RandomGenerator random) {
      return random.nextInt(3) == 0
          ? Bytes.mutate(seed, random)
          : gzip(LINES.mutate(gunzip(seed), random));
    }
  },

  /** PNG: chunks with checksums. */
  PNG {
    @Override
    byte[] mutate(byte[] seed, RandomGenerator random) {
      byte[] changed = Bytes.mutate(seed, random);
      return random.nextInt(4) == 0 ? changed : sealed(changed);
    }

    @Override
    byte[] sealed(byte[] file) {
      ByteBuffer png = ByteBuffer.wrap(file.clone());
      for (int at = 8; at + 12 <= file.length; ) {
        long length = Integer.toUnsignedLong(png.getInt(at));
        if (at + 12 + length > file.length) {
          break;
        }
        CRC32 crc = new CRC32();
        crc.update(png.array(), at + 4, (int) length + 4);
        png.putInt(at + 8 + (int) length, (int) crc.getValue());
        at += 12 + (int) length;
      }
      return png.array();
    }
  },

  /** Safetensors: a length, a header of JSON, bytes. */
  SAFETENSORS {
    @Override
    byte[] mutate(byte[] seed, RandomGenerator random) {
      if (random.nextInt(3) == 0) {
        return Bytes.mutate(seed, random);
      }
      int length = (int) ByteBuffer.wrap(seed).order(ByteOrder.LITTLE_ENDIAN).getLong();
      String header = new String(seed, 8, length, UTF_8);
      byte[] changed = Trees.mutate(header, random).getBytes(UTF_8);
      byte[] all = Bytes.replaced(seed, 8, 8 + length, changed);
      ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN).putLong(changed.length);
      return all;
    }
  },

  /** A token shard, whose header has a checksum of its own. */
  SHARD {
    @Override
    byte[] mutate(byte[] seed, RandomGenerator random) {
      byte[] changed = Bytes.mutate(seed, random);
      return random.nextInt(4) == 0 ? changed : sealed(changed);
    }

    @Override
    byte[] sealed(byte[] file) {
      if (file.length < 64) {
        return file;
      }
      CRC32C crc = new CRC32C();
      crc.update(file, 0, 60);
      byte[] copy = file.clone();
      ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN).putInt(60, (int) crc.getValue());
      return copy;
    }
  };

  /** A file that is like a sound one. */
  abstract byte[] mutate(byte[] seed, RandomGenerator random);

  /** A file with its checksums made right, as far as it has a place for them. */
  byte[] sealed(byte[] file) {
    return file;
  }

  static byte[] gzip(byte[] bytes) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return packed.toByteArray();
  }

  private static byte[] gunzip(byte[] packed) {
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(packed))) {
      return in.readAllBytes();
    } catch (IOException e) {
      return Arrays.copyOf(packed, packed.length);
    }
  }
}
