// ./vitrine demo: a whole chain on this machine, with people to send through the shop. ./vitrine demo --check: the same once, by itself,
// with assertions. Called by ./vitrine, which has built everything before.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { check } from "./check.mjs";
import { startControl } from "./control.mjs";
import { SHOPPERS } from "./members.mjs";
import { KIOSKS, PASSWORD, Shop } from "./shop.mjs";

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const MARK = ".vitrine-demo";

const HELP = `./vitrine demo [--check] [--state DIR]

Runs a broker, the centre and one shop on this machine, on free ports of the loopback, and prints where to look. Ctrl-C ends everything.

  --check      runs by itself once from arrival to merged record and back, says what it saw, and ends with 0 or what broke
  --state DIR  where the demonstration keeps its data (default: build/demo); it is emptied, so it must be empty, new, or a
               demonstration's own
`;

function options(args) {
  const given = { check: false, state: path.join(ROOT, "build", "demo") };
  for (let i = 0; i < args.length; ++i) {
    if (args[i] === "--check") given.check = true;
    else if (args[i] === "--state" && args[i + 1]) given.state = path.resolve(args[++i]);
    else if (args[i] === "--help" || args[i] === "-h") given.help = true;
    else throw new Error(`unknown option '${args[i]}'; see ./vitrine demo --help`);
  }
  return given;
}

/** Empties a demonstration's folder; refuses any other that has something in it. */
function prepareState(dir) {
  if (existsSync(dir) && readdirSync(dir).length > 0) {
    if (!existsSync(path.join(dir, MARK))) {
      throw new Error(`${dir} is not empty and not a demonstration's: name another folder with --state`);
    }
    rmSync(dir, { recursive: true });
  }
  mkdirSync(dir, { recursive: true });
  writeFileSync(path.join(dir, MARK), "Made by ./vitrine demo; may be deleted.\n");
}

function binFolder() {
  const bin = path.join(ROOT, "build", "release", "bin");
  if (!existsSync(path.join(bin, "vitrine-agent"))) throw new Error("the programs are not built: run ./vitrine build release");
  return bin;
}

function show(shop, control) {
  const line = (name, url) => console.log(`  ${name.padEnd(22)} ${url}`);
  console.log("\nLa Halle Vitrine is open.\n");
  line("Steer the shoppers", control.url);
  for (const kiosk of KIOSKS) line(`Kiosk ${kiosk.name}`, shop.agentUrl(`/kiosk/${kiosk.id}`));
  line("Staff tablet", `${shop.agentUrl("/staff")}   (marie, ${PASSWORD})`);
  line("Head office", `${shop.centralUrl("/console")}   (marie, ${PASSWORD})`);
  console.log("\nOpen the first one and a kiosk beside it, then send somebody there:");
  for (const shopper of SHOPPERS) console.log(`  ${shopper.label.padEnd(8)} ${shopper.says}`);
  console.log("\nCtrl-C ends everything.");
}

/** Runs until the terminal or a part of the chain ends it. */
async function present(shop) {
  const control = await startControl(shop);
  show(shop, control);
  const reason = await new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => resolve(undefined));
    for (const program of [shop.central, shop.agent]) {
      program.onGone = (how) => resolve(`${program.name} ended by itself (${how}); its last words:\n${lastLines(program.log)}`);
    }
  });
  console.log("\nClosing …");
  control.close();
  if (reason) throw new Error(reason);
}

function lastLines(file) {
  return readFileSync(file, "utf8").trim().split("\n").slice(-8).map((line) => `  ${line}`).join("\n");
}

async function main() {
  const given = options(process.argv.slice(2));
  if (given.help) return console.log(HELP);
  prepareState(given.state);
  const shop = new Shop({ bin: binFolder(), ui: path.join(ROOT, "kiosk-ui", "dist"), dir: given.state });
  try {
    const started = Date.now();
    console.log("Enrolling 300 members and their purchases …");
    shop.seed();
    console.log("Opening the shop …");
    await shop.start();
    console.log(`Ready after ${((Date.now() - started) / 1000).toFixed(1)} s.`);
    if (given.check) await check(shop);
    else await present(shop);
  } finally {
    await shop.stop();
  }
}

main().then(
  () => process.exit(0),
  (error) => {
    console.error(`\nThe demonstration broke: ${error.message}`);
    process.exit(1);
  },
);
