// Faults on the real thing: agent, centre and broker as they ship, files on a real file system, TLS.
//
//   node tests/faults/run.mjs [--long] [--seed N] [NAME…]    runs the tests whose names contain one of NAME
//
// --long  as ./vitrine soak does: more of everything, and figures as JSON lines
// --seed  fixes what is left to chance; the seed is printed with each result
//
// VITRINE_FAULTS_JOBS  how many run at a time (default: 3, because they mostly wait; 1 with --long)
// VITRINE_TEST_STEPS   say each step; VITRINE_TEST_STACK: say where a failure came from
// VITRINE_BIN          the folder of the programs (default: build/release/bin)
// VITRINE_UI           the folder of the built pages (default: kiosk-ui/dist)

import path from "node:path";
import { fileURLToPath } from "node:url";

import { runTests } from "../harness/runner.mjs";
import { Stage } from "./stage.mjs";

const HERE = path.dirname(fileURLToPath(import.meta.url));
const ROOT = path.resolve(HERE, "../..");
const PLACES = {
  bin: path.resolve(process.env.VITRINE_BIN ?? path.join(ROOT, "build/release/bin")),
  ui: path.resolve(process.env.VITRINE_UI ?? path.join(ROOT, "kiosk-ui/dist")),
  root: ROOT,
};

function options(words) {
  const given = { long: false, seed: Math.floor(Math.random() * 2 ** 32), names: [] };
  for (let i = 0; i < words.length; ++i) {
    if (words[i] === "--long") given.long = true;
    else if (words[i] === "--seed") given.seed = Number(words[++i]);
    else given.names.push(words[i]);
  }
  return given;
}

const { long, seed, names } = options(process.argv.slice(2));
process.env.PATH = `${process.env.PATH}:/usr/sbin:/sbin`;

runTests({
  folder: HERE,
  wanted: names,
  needed: [...["vitrine-agent", "vitrine-central", "vitrinectl"].map((name) => path.join(PLACES.bin, name)), path.join(PLACES.ui, "kiosk.html")],
  newStage: (name) => new Stage(name, PLACES, { long, seed }),
  limitOf: (test) => (long ? (test.longLimit ?? test.limit) : test.limit),
  jobs: Math.max(1, Number(process.env.VITRINE_FAULTS_JOBS ?? (long ? 1 : 3))),
});
