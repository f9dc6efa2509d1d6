// The words: both languages have the same keys, every key used exists, every key is used, and no CJK
// stands in the code.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const src = fileURLToPath(new URL("../src/", import.meta.url));
const problems = [];

function flatten(node, prefix = "") {
  return Object.entries(node).flatMap(([key, value]) =>
    typeof value === "object" ? flatten(value, `${prefix}${key}.`) : [`${prefix}${key}`],
  );
}
const words = (name) => new Set(flatten(JSON.parse(readFileSync(join(src, "i18n", name), "utf8"))));
const stem = (key) => key.replace(/_(zero|one|two|few|many|other)$/, "");
const all = new Set();
const stems = new Set();
for (const name of ["", "answers.", "overview.", "accounts.", "demo.", "desk.", "directory.", "duty.", "notify.", "system."]) {
  const zh = words(`${name}zh-CN.json`);
  const en = words(`${name}en.json`);
  const zhStems = new Set([...zh].map(stem));
  const enStems = new Set([...en].map(stem));
  for (const key of zhStems) if (!enStems.has(key)) problems.push(`${name}en.json lacks ${key}`);
  for (const key of enStems) if (!zhStems.has(key)) problems.push(`${name}zh-CN.json lacks ${key}`);
  for (const key of [...zh, ...zhStems]) all.add(key);
  for (const key of zhStems) stems.add(key);
}

// Keys stand in the code as a text, or are made by a template: `problem.${code}`.
const literal = /["`]([\w.-]+)["`]/g;
const template = /(?<!\bcan\()`([\w-]+\.(?:[\w.-]|\$\{[^{}`]*\})*)`/g;
const said = new Set();
const made = [/^why\./]; // shared/Why.tsx puts that before what the server says
const used = (key) => said.has(key) || made.some((pattern) => pattern.test(key));

const han = /\p{Script=Han}/u;
const call = /\bt\(\s*(?:"([^"]+)"|[^)"`]*?\?\s*"([^"]+)"\s*:\s*"([^"]+)")/g;
function walk(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) walk(path);
    else if (/\.(ts|tsx|css)$/.test(entry.name) && entry.name !== "schema.d.ts") {
      const text = readFileSync(path, "utf8");
      const where = relative(src, path);
      text.split("\n").forEach((line, index) => {
        if (han.test(line)) problems.push(`${where}:${index + 1} has Chinese in the code; put it into src/i18n`);
      });
      for (const [, key] of text.matchAll(literal)) said.add(stem(key));
      for (const [, made_] of text.matchAll(template))
        made.push(new RegExp(`^${made_.replaceAll(".", "\\.").replace(/\$\{[^{}]*\}/g, ".+")}$`));
      for (const match of text.matchAll(call))
        for (const key of match.slice(1)) if (key && !all.has(key)) problems.push(`${where}: no words for "${key}"`);
    }
  }
}
walk(src);
for (const key of stems) if (!used(key)) problems.push(`nothing says "${key}"; take it out of src/i18n`);

if (problems.length > 0) {
  process.stderr.write(`${problems.join("\n")}\n`);
  process.exit(1);
}
process.stdout.write(`words: ${all.size} keys in both languages\n`);
