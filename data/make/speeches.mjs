// sample/speeches.tsv: sentences of State of the Union addresses, the party, the president.
import { readdirSync } from "node:fs";
import { inPackage, inSample, readJson, spread, tsv, write } from "./files.mjs";

const PER_SPEECH = 14;
const PARTIES = new Set(["Democratic", "Republican"]);

const folder = inPackage("@stdlib", "datasets-sotu", "data");
const rows = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .sort()
  .map((name) => readJson(`${folder}/${name}`))
  .filter((speech) => PARTIES.has(speech.party))
  .flatMap((speech) => {
    const sentences = speech.text
      .split(/(?<=[.?!])\s+(?=[A-Z])/)
      .map((sentence) => sentence.replace(/\s+/g, " ").trim())
      .filter((sentence) => sentence.length >= 60 && sentence.length <= 200);
    return spread(sentences, PER_SPEECH).map((sentence) => [sentence, speech.party, speech.name]);
  });
write(inSample("speeches.tsv"), tsv(rows));
