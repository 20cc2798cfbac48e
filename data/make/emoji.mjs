// sample/emoji: emoji as 32 x 32 RGB images on white, with a caption and a group for each.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { decode, encodeRgb, hasPalette } from "./png.mjs";
import { inPackage, inSample, readJson, tsv, write } from "./files.mjs";

const SIZE = 32;
const KEYWORDS = 4;
// Man, woman and person variants of one emoji are near-duplicates: one group.
const GENDER = /\b(man|men|woman|women|person|people|boy|girl|male|female)\b/g;

const keywords = new Map(
  Object.entries(readJson(inPackage("emojilib", "dist", "emoji-en-US.json"))).map(([emoji, words]) => [bare(emoji), words]),
);

/** Without variation selectors, which the two packages set differently. */
function bare(emoji) {
  return emoji.replaceAll("\uFE0F", "");
}

/** The mean of each block of pixels over white; grey images have one channel besides alpha. */
function shrink({ width, height, channels, pixels }) {
  const block = width / SIZE;
  if (channels % 2 !== 0 || width !== height || !Number.isInteger(block)) throw new Error(`${width} x ${height} x ${channels}`);
  const out = Buffer.alloc(SIZE * SIZE * 3);
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) {
      const sum = [0, 0, 0];
      for (let i = 0; i < block * block; i++) {
        const at = channels * ((y * block + Math.floor(i / block)) * width + x * block + (i % block));
        const alpha = pixels[at + channels - 1] / 255;
        for (let c = 0; c < 3; c++) sum[c] += pixels[at + (channels === 4 ? c : 0)] * alpha + 255 * (1 - alpha);
      }
      for (let c = 0; c < 3; c++) out[(y * SIZE + x) * 3 + c] = Math.round(sum[c] / (block * block));
    }
  }
  return { width: SIZE, height: SIZE, pixels: out };
}

function caption(emoji) {
  const character = String.fromCodePoint(...emoji.unified.split("-").map((hex) => parseInt(hex, 16)));
  const plain = emoji.name.toLowerCase();
  const name = /^(country|subdivision)-flag$/.test(emoji.subcategory) ? plain.replace(/^(.*) flag$/, "flag of $1") : plain;
  const said = new Set(name.split(/[^a-z0-9]+/));
  const more = (keywords.get(bare(character)) ?? [])
    .map((word) => word.replaceAll("_", " "))
    .filter((word) => /^[a-z0-9 ]+$/.test(word) && !word.split(" ").every((part) => said.has(part)));
  return [name, ...new Set(more)].slice(0, KEYWORDS + 1).join(", ");
}

function group(emoji) {
  const words = emoji.name.toLowerCase().replace(GENDER, " ").match(/[\p{L}\p{N}]+/gu);
  return words ? words.join("-") : emoji.unified.toLowerCase();
}

const image = (emoji) => readFileSync(inPackage("emoji-datasource-google", "img", "google", "64", emoji.image));

const emojis = readJson(inPackage("emoji-datasource-google", "emoji.json"))
  .filter((emoji) => emoji.has_img_google && emoji.category !== "Component" && !hasPalette(image(emoji)))
  .sort((a, b) => a.sort_order - b.sort_order || (a.image < b.image ? -1 : 1));
rmSync(inSample("emoji"), { recursive: true, force: true });
mkdirSync(inSample("emoji"), { recursive: true });
let bytes = 0;
for (const emoji of emojis) {
  const png = encodeRgb(shrink(decode(image(emoji))));
  writeFileSync(inSample("emoji", emoji.image), png);
  bytes += png.length;
}
console.log(`${inSample("emoji")}: ${emojis.length} images, ${bytes} bytes`);
write(inSample("emoji", "captions.tsv"), tsv(emojis.map((emoji) => [emoji.image, caption(emoji), group(emoji)])));
