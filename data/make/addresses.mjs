// sample/addresses: whole State of the Union addresses, a file each, so that a text has many documents.
import { readdirSync, readFileSync } from "node:fs";
import { inPackage, inSample, spread, write } from "./files.mjs";

const FIRST_YEAR = 1934; // spoken ones, about 30 kB each
const ADDRESSES = 22;

const folder = inPackage("@stdlib", "datasets-sotu", "data");
const names = readdirSync(folder).filter((name) => name.endsWith(".txt") && Number(name.slice(0, 4)) >= FIRST_YEAR);
for (const name of spread(names.sort(), ADDRESSES)) {
  const text = readFileSync(`${folder}/${name}`, "utf8");
  write(inSample(`addresses/${name}`), `${text.replace(/\s+/g, " ").trim()}\n`);
}
