// Brokers that a real one cannot play, each with an agent of its own. The agents stay alive and small, believe nothing, say what they
// refuse, and have lost nothing when the broker is an honest one again.

import { generateKeyPairSync, sign as signWith } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

import { sleep, until } from "../../demo/processes.mjs";
import { metric } from "../e2e/centre.mjs";
import { expect, expectEqual } from "../e2e/expect.mjs";
import { allSent, closeBooks } from "./books.mjs";
import { HostileBroker, kindsOf } from "./hostile.mjs";
import { Ledger, Load } from "./load.mjs";
import { Client } from "./mqtt.mjs";
import { seeded } from "./stage.mjs";
import { Twin } from "./twin.mjs";

const RSS_MAX_MB = 200; // The way in holds 64 MB of messages at most, and 16 MB of chunks that came early; the rest is the agent.

const rssOf = (pid) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024;

/** The bundles at the broker, once all kinds are there. */
async function bundles(shop) {
  const client = await Client.open(shop.brokerPort, ["vitrine/v1/halle/lyon/down/#"]);
  await until("the bundles at the broker", () => new Set(client.messages.filter(({ topic }) => topic.endsWith("/manifest")).map(({ topic }) => topic)).size >= 4);
  await sleep(300);
  client.close();
  return client.messages.filter(({ payload }) => payload.length > 0);
}

/** The same manifest under a key that nobody trusts. */
function foreignSigner() {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const raw = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  return (manifest) => {
    const canonical = manifest.subarray(0, manifest.length - 96);
    return Buffer.concat([canonical, raw, signWith(null, Buffer.concat([Buffer.from("vitrine bundle manifest 1\n"), canonical]), privateKey)]);
  };
}

/** Two states of the shop's bundles: what the centre published first, and then. */
async function twoStates(shop) {
  await shop.startBroker();
  await shop.startCentral();
  const older = await bundles(shop);
  await shop.central.stop();
  await shop.broker.stop(); // It keeps nothing: what is there afterwards is new.
  const changed = { ...shop.catalogue, offers: shop.catalogue.offers.slice(1) };
  writeFileSync(shop.path("catalogue-2.json"), JSON.stringify(changed));
  shop.ctl(["enrol", "--state", shop.path("central"), "--store", "lyon", "--catalogue", shop.path("catalogue-2.json")]);
  await shop.startBroker();
  await shop.startCentral();
  const newer = await bundles(shop);
  const changedTopics = new Set(newer.map(({ topic }) => topic));
  expect(older.some(({ topic }) => /catalogue\/.*\d/.test(topic) && !changedTopics.has(topic)), "the second catalogue is another one");
  return { older: older.filter(({ topic }) => topic.includes("/catalogue/")), newer, sign: foreignSigner() };
}

async function prepare(shop, name, kind, random) {
  const broker = await HostileBroker.listen(kind, shop.brokerPort, random);
  broker.agent = `agent-${name}`;
  broker.turn(true);
  const twin = new Twin(shop, broker.agent, broker.port);
  twin.programs = shop.programs; // They end with the shop.
  await twin.startAgent();
  return { name, kind, broker, twin, said: (from = 0) => readFileSync(twin.agent.log, "utf8").slice(from) };
}

/** What an agent must be after some seconds with its broker. */
async function judge({ name, kind, broker, twin, from, said, pid }) {
  expect(broker.visits > 0, `the agent has met the broker that ${name}`);
  expectEqual(twin.agent.pid, pid, `the agent that met '${name}' still runs`);
  const rss = rssOf(pid);
  expect(rss < RSS_MAX_MB, `the agent that met '${name}' stays small, but had ${rss.toFixed(0)} MB`);
  expect(broker.visits <= 30, `the agent does not storm the broker that ${name}, but came ${broker.visits} times`);
  expect(!said(from).includes("bundle applied"), `nothing of '${name}' was applied`);
  if (kind.says) expect(said(from).includes(kind.says), `the agent that met '${name}' says '${kind.says}'`);
  const lines = said(from).split("\n").length;
  expect(lines < 200, `the log of the agent that met '${name}' stays short, but grew by ${lines} lines`);
  if (name === "flood" || name === "forger" || name === "rolls-back") expect((await metric(twin, "vitrine_messages_refused_total")) > 0, `/metrics counts what was refused of '${name}'`);
  return `${name}: ${broker.visits} visits, ${rss.toFixed(0)} MB${broker.flooded ? `, ${(broker.flooded / 1e6).toFixed(0)} MB of chunks` : ""}`;
}

export default {
  name: "hostile",
  limit: 180,
  longLimit: 400,
  async run(stage) {
    const random = seeded(stage.seed);
    const shop = stage.shop();
    const captured = await twoStates(shop);
    const all = [];
    stage.atEnd(() => all.forEach(({ broker }) => broker.close()));
    for (const [name, kind] of Object.entries(kindsOf(captured))) {
      stage.doing = `opening ${name}`;
      all.push(await prepare(shop, name, kind, random));
    }
    stage.doing = "the bundles in all shops";
    for (const { twin } of all) await until("catalogue applied", () => readFileSync(twin.agent.log, "utf8").includes("kind=catalogue"));

    stage.doing = "hostile";
    for (const each of all) {
      each.from = each.said().length;
      each.pid = each.twin.agent.pid;
      each.load = await new Load(each.twin, [Twin.KIOSK], { hands: 1, pause: 50 }).start();
      each.broker.turn(false);
    }
    await sleep(stage.long ? 120_000 : 8000);
    const judged = await Promise.allSettled(all.map(judge));
    const wrong = judged.filter(({ status }) => status === "rejected").map(({ reason }) => reason.message);
    for (const { value } of judged) if (value) stage.say(`  ${value}`);
    expectEqual(wrong, [], "what is wrong with agents after hostile brokers");

    stage.doing = "honest again";
    const ledger = new Ledger();
    for (const { broker } of all) broker.turn(true);
    for (const { load } of all) ledger.join(await load.stop());
    for (const { name, twin } of all) {
      stage.doing = `what waits at ${name}`;
      await allSent(twin, stage.long ? 150 : 60);
    }
    const { accepted } = closeBooks(shop, ledger, { epochs: all.length });
    stage.say(`${accepted} touches accepted beside ${all.length} hostile brokers, all of them merged once`);
  },
};
