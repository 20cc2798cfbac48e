// PNG files of 8-bit samples, not interlaced: just enough to read and write the sample's images.
// Format: W3C, Portable Network Graphics (PNG) Specification, second edition.
import { deflateSync, inflateSync, crc32 as zlibCrc32 } from "node:zlib";

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const CHANNELS = { 0: 1, 2: 3, 4: 2, 6: 4 };

/** Whether the colours are in a palette, which `decode` does not read. */
export const hasPalette = (file) => file[25] === 3;

/** {width, height, channels, pixels}: rows from the top, `channels` bytes for each pixel. */
export function decode(file) {
  if (!file.subarray(0, 8).equals(SIGNATURE)) throw new Error("not a PNG file");
  let header;
  const data = [];
  for (let at = 8; at < file.length; ) {
    const length = file.readUInt32BE(at);
    const type = file.toString("latin1", at + 4, at + 8);
    const body = file.subarray(at + 8, at + 8 + length);
    if (type === "IHDR") header = body;
    if (type === "IDAT") data.push(body);
    at += length + 12;
  }
  const width = header.readUInt32BE(0);
  const height = header.readUInt32BE(4);
  const channels = CHANNELS[header[9]];
  if (header[8] !== 8 || !channels || header[12] !== 0) {
    throw new Error(`depth ${header[8]}, colour type ${header[9]}, interlace ${header[12]}`);
  }
  return { width, height, channels, pixels: unfilter(inflateSync(Buffer.concat(data)), width * channels, height, channels) };
}

/** A PNG file of RGB pixels; each row takes the filter whose residuals have the least absolute sum. */
export function encodeRgb({ width, height, pixels }) {
  const stride = width * 3;
  const rows = [];
  for (let y = 0; y < height; y++) {
    const row = pixels.subarray(y * stride, (y + 1) * stride);
    const above = y > 0 ? pixels.subarray((y - 1) * stride, y * stride) : Buffer.alloc(stride);
    const candidates = [0, 1, 2, 3, 4].map((filter) => filtered(filter, row, above, 3));
    rows.push(candidates.reduce((best, next) => (cost(next) < cost(best) ? next : best)));
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const data = deflateSync(Buffer.concat(rows), { level: 9 });
  return Buffer.concat([SIGNATURE, chunk("IHDR", header), chunk("IDAT", data), chunk("IEND", Buffer.alloc(0))]);
}

function chunk(type, body) {
  const named = Buffer.concat([Buffer.from(type, "latin1"), body]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, check]);
}

function crc32(bytes) {
  if (zlibCrc32) return zlibCrc32(bytes);
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

function predicted(filter, left, up, upLeft) {
  switch (filter) {
    case 0: return 0;
    case 1: return left;
    case 2: return up;
    case 3: return (left + up) >> 1;
    case 4: {
      const p = left + up - upLeft;
      const [a, b, c] = [Math.abs(p - left), Math.abs(p - up), Math.abs(p - upLeft)];
      return a <= b && a <= c ? left : b <= c ? up : upLeft;
    }
    default: throw new Error(`filter ${filter}`);
  }
}

function filtered(filter, row, above, channels) {
  const out = Buffer.alloc(row.length + 1);
  out[0] = filter;
  for (let i = 0; i < row.length; i++) {
    const left = i < channels ? 0 : row[i - channels];
    const upLeft = i < channels ? 0 : above[i - channels];
    out[i + 1] = row[i] - predicted(filter, left, above[i], upLeft);
  }
  return out;
}

function cost(filteredRow) {
  return filteredRow.subarray(1).reduce((sum, byte) => sum + (byte < 128 ? byte : 256 - byte), 0);
}

function unfilter(data, stride, height, channels) {
  const out = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y++) {
    const filter = data[y * (stride + 1)];
    for (let i = 0; i < stride; i++) {
      const at = y * stride + i;
      const left = i < channels ? 0 : out[at - channels];
      const up = y === 0 ? 0 : out[at - stride];
      const upLeft = y === 0 || i < channels ? 0 : out[at - stride - channels];
      out[at] = data[y * (stride + 1) + 1 + i] + predicted(filter, left, up, upLeft);
    }
  }
  return out;
}
