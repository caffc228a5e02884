// Whole chains, one a test: real programs, a real broker, a real browser.
//
//   node tests/e2e/run.mjs [NAME…]      runs the tests whose names contain one of NAME
//
// Two run at a time: each has its own shop, and mostly waits for it.
//
// VITRINE_E2E_JOBS  how many run at a time (default: 2)
// VITRINE_BIN   the folder of the programs (default: build/dev/bin)
// VITRINE_UI    the folder of the built pages (default: kiosk-ui/dist)
// VITRINE_DATA  the folder of the labelled data (default: ../shared/data beside the checkout)
// CHROMIUM      the browser (default: /usr/bin/chromium)

import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { Stage } from "./stage.mjs";

const HERE = path.dirname(fileURLToPath(import.meta.url));
const ROOT = path.resolve(HERE, "../..");
const PLACES = {
  bin: path.resolve(process.env.VITRINE_BIN ?? path.join(ROOT, "build/dev/bin")),
  ui: path.resolve(process.env.VITRINE_UI ?? path.join(ROOT, "kiosk-ui/dist")),
  data: path.resolve(process.env.VITRINE_DATA ?? path.join(ROOT, "../shared/data")),
  shots: path.join(ROOT, "build/e2e-shots"),
};

/** What must be there before anything can run. */
function missing() {
  const programs = ["vitrine-agent", "vitrine-central", "vitrinectl"].map((name) => path.join(PLACES.bin, name));
  return [...programs, path.join(PLACES.ui, "kiosk.html")].filter((file) => !existsSync(file));
}

async function testsNamed(wanted) {
  const files = readdirSync(HERE).filter((file) => file.endsWith("_test.mjs")).sort();
  const tests = await Promise.all(files.map(async (file) => (await import(pathToFileURL(path.join(HERE, file)))).default));
  const exact = tests.filter((test) => wanted.includes(test.name));
  return tests.filter((test) => wanted.length === 0 || exact.includes(test) || wanted.some((name) => !exact.some((one) => one.name === name) && test.name.includes(name)));
}

/** Ends with `promise`, or after `seconds` with an error that says what was going on. */
async function within(seconds, promise, doing = () => "") {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${seconds} s${doing()}`)), seconds * 1000);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

const JOBS = Math.max(1, Number(process.env.VITRINE_E2E_JOBS ?? 2));

const running = new Set();
let interrupted = false;

async function runOne(test) {
  const began = Date.now();
  const stage = new Stage(test.name, PLACES);
  running.add(stage);
  let failure;
  try {
    await within(test.limit, test.run(stage), () => `, while: ${stage.doing}`);
  } catch (error) {
    failure = error;
    await stage.shotsOfAll("failed").catch(() => {});
  }
  try {
    await within(60, stage.end({ keep: failure !== undefined }));
  } catch (error) {
    failure ??= error;
  }
  running.delete(stage);
  const took = `${((Date.now() - began) / 1000).toFixed(0)} s`;
  if (failure) {
    console.log(`FAILED  ${test.name} (${took}): ${failure.message}`);
    const place = failure.stack?.split("\n").find((line) => line.includes("tests/e2e/"));
    if (place) console.log(`        ${place.trim()}`);
    console.log(`        logs and data: ${stage.dir}`);
    if (process.env.VITRINE_E2E_STACK) console.log(failure.stack);
  } else {
    console.log(`ok      ${test.name} (${took})`);
    for (const line of stage.said) console.log(`        ${line}`);
  }
  return !failure;
}

async function main() {
  const absent = missing();
  if (absent.length > 0) throw new Error(`not built: ${absent.join(", ")}`);
  const tests = await testsNamed(process.argv.slice(2));
  if (tests.length === 0) throw new Error("no test is called like that");
  let passed = 0;
  const waiting = [...tests].sort((a, b) => b.limit - a.limit); // What may take longest begins first.
  const take = async () => {
    while (waiting.length > 0) {
      if (interrupted) return new Promise(() => {}); // Whoever interrupted ends the program.
      if (await runOne(waiting.shift())) ++passed;
    }
  };
  await Promise.all(Array.from({ length: JOBS }, take));
  console.log(`${passed} passed, ${tests.length - passed} failed`);
  return passed === tests.length ? 0 : 1;
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.once(signal, async () => {
    interrupted = true;
    await Promise.allSettled([...running].map((stage) => stage.end({ keep: true })));
    process.exit(130);
  });
}

main().then(
  (code) => process.exit(code),
  (error) => {
    console.error(error.message);
    console.log("0 passed, 1 failed");
    process.exit(2);
  },
);
