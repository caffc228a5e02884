// What the centre has merged, read from its database beside it, and what the agent says of itself.

import { until } from "../../demo/processes.mjs";
import { SHOPPERS } from "../../demo/members.mjs";
import { expectEqual } from "./expect.mjs";

/** A steerable shopper's row as it was enrolled: `member` is the pseudonym. */
export function memberOf(shop, label) {
  const index = SHOPPERS.findIndex((each) => each.label === label);
  return shop.data.members[index];
}

/** The records of one type in the order they were made; ids and subjects as they travel, in hexadecimal. */
export function recordsOf(shop, type) {
  return shop
    .query(`SELECT event, printf('%016x', member) AS subject FROM events WHERE type = 'vitrine.${type}.v1' ORDER BY epoch, sequence`)
    .map(({ event, subject }) => ({ ...JSON.parse(event), mergedUnder: subject }));
}

/** How many records of any kind name this pseudonym, in the columns or in the text. */
export function recordsNaming(shop, pseudonym) {
  const [{ found }] = shop.query(`SELECT count(*) AS found FROM events WHERE printf('%016x', member) = '${pseudonym}' OR event LIKE '%${pseudonym}%'`);
  return found;
}

/** The epoch of the model that the agent last reported as applied. */
export function modelInShop(shop) {
  const [row] = shop.query("SELECT event FROM health ORDER BY hlc DESC LIMIT 1");
  return row ? JSON.parse(row.event).data.epochs.model : 0;
}

/** Waits until the shop reports a newer model than `epoch`. */
export function newerModel(shop, epoch) {
  return until(`a newer model than ${epoch} applied in the shop`, () => modelInShop(shop) > epoch && modelInShop(shop), { within: 90_000 });
}

/** One of the agent's own figures. */
export async function metric(shop, name) {
  const text = await (await fetch(shop.agentUrl("/metrics"))).text();
  const line = text.split("\n").find((each) => each.startsWith(`${name} `) || each.startsWith(`${name}{`));
  if (!line) throw new Error(`the agent has no metric ${name}`);
  return Number(line.slice(line.lastIndexOf(" ") + 1));
}

/** Waits until nothing waits in the shop: all that was kept has been merged and acknowledged. */
export function allSent(shop) {
  return until("an empty outbox", async () => (await metric(shop, "vitrine_outbox_records")) === 0, { within: 60_000 });
}

/** Nothing was set aside, nothing is missing between what came. */
export function expectNothingLost(shop) {
  expectEqual(shop.query("SELECT reason FROM dead_letters"), [], "dead letters");
  const sources = shop.query("SELECT agent, epoch, watermark, length(ranges) AS gaps, given_up, records FROM sources");
  for (const source of sources) {
    expectEqual({ gaps: source.gaps, given_up: source.given_up }, { gaps: 0, given_up: 0 }, `what is missing from ${source.agent}`);
    expectEqual(source.records, source.watermark, `records of ${source.agent} against its last sequence`);
  }
  expectEqual(sources.length, 1, "databases that the agent has reported from");
}
