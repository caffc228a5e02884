// Whether the centre has what the shop took: every record once, every count as if each had been counted by hand.

import { until } from "../../demo/processes.mjs";
import { metric } from "../e2e/centre.mjs";
import { expect, expectEqual } from "../e2e/expect.mjs";
import { keyOf } from "./load.mjs";

const COUNTED = { "vitrine.promotion.clicked.v1": "clicked", "vitrine.promotion.dismissed.v1": "dismissed", "vitrine.promotion.saved.v1": "saved", "vitrine.promotion.explained.v1": "explained" };

/** Waits until the shop has nothing left to send. */
export function allSent(shop, seconds = 60) {
  return until("everything sent and acknowledged", async () => (await metric(shop, "vitrine_outbox_records")) === 0, { within: seconds * 1000, every: 100 });
}

/** The day that a record counts for: by its own stamp, but never later than it came. */
const dayOf = ({ hlc, received }) => Math.floor(Math.min(Number.parseInt(hlc.slice(0, 12), 16), received) / 86_400_000);

function eventsOf(shop) {
  return shop.query(`SELECT shop, type, received, json_extract(event, '$.hlc') AS hlc, json_extract(event, '$.data.decision_id') AS decision,
    json_extract(event, '$.data.promotion_id') AS offer, json_extract(event, '$.data.promotions') AS promotions FROM events WHERE merged = 1`);
}

/** Each touch that was accepted is there once; one that got no answer at most once; nothing else is there. */
function compareLedger(ledger, events) {
  const found = new Map();
  for (const { type, decision, offer } of events) {
    if (!COUNTED[type]) continue;
    const key = keyOf(COUNTED[type], decision, offer);
    found.set(key, (found.get(key) ?? 0) + 1);
  }
  let [lost, doubled, open] = [0, 0, 0];
  for (const key of new Set([...found.keys(), ...ledger.accepted.keys(), ...ledger.open.keys()])) {
    const accepted = ledger.accepted.get(key) ?? 0;
    const unanswered = ledger.open.get(key) ?? 0;
    const there = found.get(key) ?? 0;
    lost += Math.max(0, accepted - there);
    doubled += Math.max(0, there - accepted - unanswered);
    open += Math.min(unanswered, Math.max(0, there - accepted));
  }
  return { lost, doubled, open };
}

/** The centre's own counts against its records, by shop, day and offer. */
function compareCounts(shop, events) {
  const expected = {};
  const count = (day, offer, what) => {
    const row = (expected[`${day} ${offer}`] ??= { viewed: 0, clicked: 0, dismissed: 0, saved: 0, explained: 0 });
    row[what] += 1;
  };
  const decisions = {};
  for (const event of events) {
    if (event.type === "vitrine.promotion.viewed.v1") {
      decisions[dayOf(event)] = (decisions[dayOf(event)] ?? 0) + 1;
      for (const { promotion_id } of JSON.parse(event.promotions)) count(dayOf(event), promotion_id, "viewed");
    } else if (COUNTED[event.type]) count(dayOf(event), event.offer, COUNTED[event.type]);
  }
  const rows = shop.query("SELECT day, offer, sum(viewed) AS viewed, sum(clicked) AS clicked, sum(dismissed) AS dismissed, sum(saved) AS saved, sum(explained) AS explained FROM offer_counts GROUP BY day, offer ORDER BY day, offer");
  const found = Object.fromEntries(rows.map(({ day, offer, ...counts }) => [`${day} ${offer}`, counts]).filter(([, counts]) => Object.values(counts).some((each) => each > 0)));
  expectEqual(sorted(found), sorted(expected), "counts by day and offer against the records");
  const days = shop.query("SELECT day, decisions FROM shop_counts WHERE decisions > 0");
  expectEqual(sorted(Object.fromEntries(days.map(({ day, decisions: n }) => [day, n]))), sorted(decisions), "decisions by day against the records");
}

const sorted = (object) => Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Sequences without a hole, from the first on. */
function compareSources(shop, lostAtMost) {
  const sources = shop.query("SELECT agent, printf('%016x', epoch) AS epoch, watermark, length(ranges) AS gaps, given_up, records FROM sources");
  for (const { agent, epoch, watermark, gaps, given_up, records } of sources) {
    expect(gaps === 0, `nothing is missing between what ${agent} ${epoch} sent, but ${gaps / 16} ranges stand apart`);
    if (lostAtMost === 0) expectEqual({ given_up, records }, { given_up: 0, records: watermark }, `records of ${agent} ${epoch} against its last sequence`);
  }
  const [{ events }] = shop.query("SELECT count(*) AS events FROM events");
  expectEqual(events, sources.reduce((sum, each) => sum + each.records, 0), "records kept against records counted");
  return sources;
}

/**
 * Closes the books: throws what is wrong with them, or returns { accepted, lost, doubled, records }. `lostAtMost`: how many records the shop
 * says that it dropped; `epochs`: how many databases the shop has had; `dead`: how many dead letters there should be.
 */
export function closeBooks(shop, ledger, { lostAtMost = 0, epochs = 1, dead = 0 } = {}) {
  const events = eventsOf(shop);
  const { lost, doubled, open } = compareLedger(ledger, events);
  const accepted = ledger.total("accepted");
  expectEqual({ lost: Math.max(0, lost - lostAtMost), doubled }, { lost: 0, doubled: 0 }, `of ${accepted} touches that were accepted`);
  expectEqual(shop.query("SELECT reason FROM dead_letters").length, dead, "dead letters");
  const sources = compareSources(shop, lostAtMost);
  if (epochs) expectEqual(sources.length, epochs, "databases that the agent has reported from");
  compareCounts(shop, events);
  return { accepted, lost, doubled, open, records: events.length, sources };
}
