// Ten thousand adverts of strangers pass, with one member among them. Afterwards no file, no log and no message holds any of their addresses
// or payloads (REQUIREMENTS P6).

import { writeFileSync } from "node:fs";
import path from "node:path";

import { KIOSKS, SCANNERS } from "../../demo/shop.mjs";
import { until } from "../../demo/processes.mjs";
import { allSent, expectNothingLost, memberOf, metric, recordsNaming } from "./centre.mjs";
import { expect, expectEqual } from "./expect.mjs";
import { KioskPage } from "./kiosk_page.mjs";
import { Listener } from "./listener.mjs";
import { makeAir } from "./strangers.mjs";
import { filesBelow, Traces, unpacked } from "./traces.mjs";

const STRANGERS = 10_000;
const SECONDS = 60;

/** The search itself, on things that do hold what it looks for. */
function expectSearchFinds(traces, needle, recording) {
  const hex = needle.toString("hex");
  const reversed = Buffer.from(needle).reverse();
  const spelt = (bytes, between) => bytes.toString("hex").match(/../g).join(between);
  const planted = [needle, reversed, hex, hex.toUpperCase(), spelt(needle, ":"), spelt(reversed, ":"), spelt(needle, "-").toUpperCase(), `0${hex}`];
  for (const plant of planted) {
    const bytes = Buffer.concat([Buffer.from("…before "), Buffer.from(plant), Buffer.from(" after…")]);
    let found = false;
    try {
      traces.expectNone("a plant", bytes);
    } catch {
      found = true;
    }
    expect(found, `the search finds '${plant}'`);
  }
  for (const padding of ["", "x", "xx"]) {
    const base64 = Buffer.concat([Buffer.from(padding), needle, Buffer.from("end")]).toString("base64");
    expect(traces.inSpellings(Buffer.from(base64)).length > 0, `the search finds ${base64}`);
  }
  expect(traces.inSpellings(recording).length >= 1.9 * STRANGERS, "the search finds every stranger in the recording");
}

/** All chunks of a bundle in one, as the agent puts them together. */
async function heardBy(listener) {
  const messages = [];
  const bundles = new Map();
  for await (const { topic, payload } of listener.messages()) {
    messages.push([topic, payload]);
    const chunk = /^(.*\/down\/.*)\/(\d+)$/.exec(topic);
    if (chunk) bundles.set(chunk[1], (bundles.get(chunk[1]) ?? new Map()).set(Number(chunk[2]), payload));
  }
  for (const [topic, chunks] of bundles) {
    messages.push([topic, Buffer.concat([...chunks].sort(([a], [b]) => a - b).map(([, payload]) => payload))]);
  }
  return messages;
}

export default {
  name: "privacy",
  limit: 420,
  async run(stage) {
    const kiosk = KIOSKS[1];
    const shop = stage.shop();
    const ana = memberOf(shop, "Ana");
    const air = makeAir({ count: STRANGERS, seconds: SECONDS, scanners: SCANNERS, kiosk, key: ana.identity_key });
    const recording = path.join(stage.dir, "air.jsonl");
    writeFileSync(recording, air.text);
    const traces = new Traces(air.needles);
    expectSearchFinds(traces, air.needles[0], Buffer.from(air.text));

    shop.radio = `source = "replay"\nscript = ${JSON.stringify(recording)}`;
    await shop.startBroker();
    const listener = await new Listener(shop, path.join(stage.dir, "heard.txt")).start();
    stage.atEnd(() => listener.stop());
    await shop.startCentral();
    await shop.startAgent();
    const page = await KioskPage.open(stage, shop, kiosk.id);
    await page.mode("tailored");
    const [offer] = await page.offers();
    await page.tapCard(offer);
    await page.press("close");
    const own = 4 * SECONDS * SCANNERS.length;
    await until("the whole recording heard", async () => (await metric(shop, "vitrine_adverts_heard_total")) >= STRANGERS + own, { within: 150_000 });
    const recognised = await metric(shop, "vitrine_adverts_recognised_total");
    expect(recognised > 100 && recognised <= own, `only Ana's adverts were recognised: ${recognised} of ${own}`);
    await page.mode("ambient", 120_000);
    await until("Ana's visit merged", () => recordsNaming(shop, ana.member) >= 3);
    await allSent(shop);
    expectNothingLost(shop);

    // While everything runs, and with all of SQLite's own files there.
    let read = 0;
    const files = filesBelow(shop.dir);
    for (const wanted of [/agent\/outbox\.db$/, /agent\/outbox\.db-wal$/, /agent\/bundles\//, /central\/central\.db$/, /log\/agent\.log$/, /log\/central\.log$/, /log\/broker\.log$/]) {
      expect(files.some((file) => wanted.test(file)), `${wanted} is among the files`);
    }
    for (const file of files) read += traces.expectNoneIn(file);
    const messages = await heardBy(listener);
    for (const [topic, payload] of messages) {
      read += traces.expectNone(`a message on ${topic}`, payload);
      traces.expectNone("a topic", Buffer.from(topic));
    }
    traces.expectNone("the metrics", Buffer.from(await (await fetch(shop.agentUrl("/metrics"))).text()));

    // The listener did hear what the shop says, and could read it.
    const ups = messages.filter(([topic]) => topic.endsWith("/agents/lyon-1/up"));
    const told = ups.flatMap(([, payload]) => unpacked(payload)).map((each) => each.toString("utf8")).join("");
    expect(told.includes("vitrine.promotion.clicked.v1") && told.includes(ana.member), "the listener reads Ana's click in a batch");
    expectEqual(messages.some(([topic]) => /\/down\/catalogue\/\d+$/.test(topic)), true, "the listener has the catalogue");
    stage.say(`${STRANGERS} strangers: none in ${files.length} files and ${messages.length} messages, ${(read / 1e6).toFixed(1)} MB`);
    page.expectQuiet();
  },
};
