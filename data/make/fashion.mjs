// sample/fashion-*-ubyte.gz: 28 x 28 grey images of clothes, as IDX files.
// Format: Y. LeCun, C. Cortes and C. Burges, The MNIST database, "File formats".
import { gzipSync } from "node:zlib";
import { inPackage, inSample, readJson, spread, write } from "./files.mjs";

const CLASSES = 10;
const PER_CLASS = 150;
const PIXELS = 28 * 28;

/** Four bytes of magic (two zeros, 8 for unsigned bytes, how many sizes), sizes, values. */
function idx(sizes, values) {
  const header = Buffer.alloc(4 + 4 * sizes.length);
  header.set([0, 0, 8, sizes.length]);
  sizes.forEach((size, i) => header.writeUInt32BE(size, 4 + 4 * i));
  return gzipSync(Buffer.concat([header, Buffer.from(values)]), { level: 9 });
}

const chosen = Array.from({ length: CLASSES }, (_, label) => {
  const { data } = readJson(inPackage("fashion-mnist", "src", "clothes", `${label}.json`));
  return spread(data.filter((image) => image.length === PIXELS), PER_CLASS);
});
const order = Array.from({ length: CLASSES * PER_CLASS }, (_, i) => [i % CLASSES, Math.floor(i / CLASSES)]);
write(inSample("fashion-images-idx3-ubyte.gz"), idx([order.length, 28, 28], order.flatMap(([label, i]) => chosen[label][i])));
write(inSample("fashion-labels-idx1-ubyte.gz"), idx([order.length], order.map(([label]) => label)));
