// Runs the tests of one folder, each on a stage of its own, and ends with `N passed, N failed`. A test is a file `…_test.mjs` whose
// default export is { name, limit, run(stage) }: `limit` in seconds.

import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

async function testsNamed(folder, wanted) {
  const files = readdirSync(folder).filter((file) => file.endsWith("_test.mjs")).sort();
  const tests = await Promise.all(files.map(async (file) => (await import(pathToFileURL(path.join(folder, file)))).default));
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

class Run {
  constructor({ folder, newStage, limitOf, jobs }) {
    Object.assign(this, { folder, newStage, limitOf, jobs });
    this.running = new Set();
    this.interrupted = false;
  }

  async one(test) {
    const began = Date.now();
    const stage = this.newStage(test.name);
    this.running.add(stage);
    let failure;
    try {
      await within(this.limitOf(test), test.run(stage), () => `, while: ${stage.doing}`);
    } catch (error) {
      failure = error;
      await stage.failed().catch(() => {});
    }
    try {
      await within(60, stage.end({ keep: failure !== undefined }));
    } catch (error) {
      failure ??= error;
    }
    this.running.delete(stage);
    this.report(test, stage, failure, `${((Date.now() - began) / 1000).toFixed(0)} s`);
    return !failure;
  }

  report(test, stage, failure, took) {
    if (failure) {
      console.log(`FAILED  ${test.name} (${took}): ${failure.message}`);
      const place = failure.stack?.split("\n").find((line) => line.includes(`${path.basename(this.folder)}/`));
      if (place) console.log(`        ${place.trim()}`);
      console.log(`        logs and data: ${stage.dir}`);
      if (process.env.VITRINE_TEST_STACK) console.log(failure.stack);
    } else {
      console.log(`ok      ${test.name} (${took})`);
    }
    for (const line of stage.said) console.log(line.startsWith("{") ? line : `        ${line}`);
  }

  async all(wanted) {
    const tests = await testsNamed(this.folder, wanted);
    if (tests.length === 0) throw new Error("no test is called like that");
    let passed = 0;
    const waiting = [...tests].sort((a, b) => this.limitOf(b) - this.limitOf(a)); // What may take longest begins first.
    const take = async () => {
      while (waiting.length > 0) {
        if (this.interrupted) return new Promise(() => {}); // Whoever interrupted ends the program.
        if (await this.one(waiting.shift())) ++passed;
      }
    };
    await Promise.all(Array.from({ length: this.jobs }, take));
    console.log(`${passed} passed, ${tests.length - passed} failed`);
    return passed === tests.length ? 0 : 1;
  }

  async interrupt() {
    this.interrupted = true;
    await Promise.allSettled([...this.running].map((stage) => stage.end({ keep: true })));
    process.exit(130);
  }
}

/**
 * Runs the tests of `folder` whose names contain one of `wanted` (all without), `jobs` at a time, and ends this process: 0 when all
 * passed. `needed` are files without which nothing can run; `newStage(name)` makes what a test stands on;
 * `limitOf(test)` says how many seconds it has.
 */
export function runTests({ folder, wanted, needed, newStage, jobs, limitOf = (test) => test.limit }) {
  const run = new Run({ folder, newStage, limitOf, jobs });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => run.interrupt());
  const absent = needed.filter((file) => !existsSync(file));
  const going = absent.length > 0 ? Promise.reject(new Error(`not there: ${absent.join(", ")}`)) : run.all(wanted);
  going.then(
    (code) => process.exit(code),
    (error) => {
      console.error(error.message);
      console.log("0 passed, 1 failed");
      process.exit(2);
    },
  );
}
