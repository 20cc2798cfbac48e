// Where things are, and how the sample's tables are written.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const DATA = dirname(dirname(fileURLToPath(import.meta.url)));

/** A path inside an installed package. */
export const inPackage = (...names) => join(DATA, "node_modules", ...names);

/** A path inside the sample. */
export const inSample = (...names) => join(DATA, "sample", ...names);

export const readJson = (path) => JSON.parse(readFileSync(path, "utf8"));

/** Writes a file of the sample, and says so. */
export function write(path, content) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  console.log(`${path}: ${Buffer.byteLength(content)} bytes`);
}

/** Rows of cells as lines of tab-separated values; white space within a cell becomes one space. */
export const tsv = (rows) =>
  rows.map((row) => row.map((cell) => String(cell).replace(/\s+/g, " ").trim()).join("\t") + "\n").join("");

/** `count` elements at equal distances, the first among them. */
export const spread = (list, count) =>
  list.length <= count
    ? list
    : Array.from({ length: count }, (_, i) => list[Math.floor((i * list.length) / count)]);
