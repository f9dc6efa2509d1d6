// What the first page loads: sign-in, frame and overview with everything they import statically.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const LIMIT = 350 * 1024;
const root = fileURLToPath(new URL("../../src/streetwise/web/static/", import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, "manifest.json"), "utf8"));
// English is loaded instead of Chinese, never besides it
const pages = [
  "index.html", "src/pages/signin/SignIn.tsx", "src/pages/overview/Overview.tsx",
  "src/i18n/zh-CN.json", "src/i18n/overview.zh-CN.json", "src/i18n/accounts.zh-CN.json", "node_modules/antd/es/locale/zh_CN.js",
];

const files = new Set();
function take(key) {
  const chunk = manifest[key];
  if (!chunk) throw new Error(`${key} is not in the build's manifest`);
  if (files.has(chunk.file)) return;
  files.add(chunk.file);
  (chunk.imports ?? []).forEach(take);
}
pages.forEach(take);

let total = 0;
const sizes = [...files]
  .filter((file) => file.endsWith(".js"))
  .map((file) => {
    const size = gzipSync(readFileSync(join(root, file)), { level: 9 }).length;
    total += size;
    return [file, size];
  })
  .sort((a, b) => b[1] - a[1]);
const kb = (bytes) => `${(bytes / 1024).toFixed(1).padStart(7)} KB`;
for (const [file, size] of sizes) process.stdout.write(`${kb(size)}  ${file}\n`);
process.stdout.write(`${kb(total)}  first page, gzip (limit ${LIMIT / 1024} KB)\n`);
if (total > LIMIT) {
  process.stderr.write("The first page is too heavy.\n");
  process.exit(1);
}
