/**
 * Adds up the JavaScript that each page loads, gzipped, and fails above its budget (REQUIREMENTS
 * K7): what its HTML names, and what those files import.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const budgets = { kiosk: 25, staff: 45, console: 90, claim: 45 };

function scripts(page) {
    const found = new Set();
    const follow = (path) => {
        if (found.has(path)) return;
        found.add(path);
        const text = readFileSync(dist + path, "utf8");
        for (const [, name] of text.matchAll(/["']\.\/([\w.-]+\.js)["']/g))
            follow(`assets/${name}`);
    };
    const html = readFileSync(`${dist}${page}.html`, "utf8");
    for (const [, path] of html.matchAll(/(?:src|href)="\/(assets\/[\w.-]+\.js)"/g)) follow(path);
    return [...found];
}

let failed = false;
for (const [page, budget] of Object.entries(budgets)) {
    const bytes = scripts(page)
        .map((path) => gzipSync(readFileSync(dist + path), { level: 9 }).length)
        .reduce((sum, one) => sum + one, 0);
    const over = bytes > budget * 1024;
    failed ||= over || bytes === 0;
    console.log(
        `${page}: ${(bytes / 1024).toFixed(1)} KiB of ${budget} gzipped${over ? ", TOO LARGE" : ""}`,
    );
}
process.exit(failed ? 1 : 0);
