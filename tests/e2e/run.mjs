// Whole chains, one a test: real programs, a real broker, a real browser.
//
//   node tests/e2e/run.mjs [NAME…]      runs the tests whose names contain one of NAME
//
// Two run at a time: each has its own shop, and mostly waits for it.
//
// VITRINE_E2E_JOBS    how many run at a time (default: 2)
// VITRINE_TEST_STEPS  say each step; VITRINE_TEST_STACK: say where a failure came from
// VITRINE_BIN   the folder of the programs (default: build/dev/bin)
// VITRINE_UI    the folder of the built pages (default: kiosk-ui/dist)
// VITRINE_DATA  the folder of the labelled data (default: ../shared/data beside the checkout)
// CHROMIUM      the browser (default: /usr/bin/chromium)

import path from "node:path";
import { fileURLToPath } from "node:url";

import { runTests } from "../harness/runner.mjs";
import { Stage } from "./stage.mjs";

const HERE = path.dirname(fileURLToPath(import.meta.url));
const ROOT = path.resolve(HERE, "../..");
const PLACES = {
  root: ROOT,
  bin: path.resolve(process.env.VITRINE_BIN ?? path.join(ROOT, "build/dev/bin")),
  ui: path.resolve(process.env.VITRINE_UI ?? path.join(ROOT, "kiosk-ui/dist")),
  data: path.resolve(process.env.VITRINE_DATA ?? path.join(ROOT, "../shared/data")),
  shots: path.join(ROOT, "build/e2e-shots"),
};

runTests({
  folder: HERE,
  wanted: process.argv.slice(2),
  needed: [...["vitrine-agent", "vitrine-central", "vitrinectl"].map((name) => path.join(PLACES.bin, name)), path.join(PLACES.ui, "kiosk.html")],
  newStage: (name) => new Stage(name, PLACES),
  jobs: Math.max(1, Number(process.env.VITRINE_E2E_JOBS ?? 2)),
});
