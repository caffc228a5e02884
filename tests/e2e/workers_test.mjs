// A large centre: two workers on one PostgreSQL behind one broker, killed in turn while a shop is busy. Whichever dies, what the shop
// kept is merged once, somebody leads, and what is published reaches the shop. Everything that crossed the broker meanwhile is what
// docs/asyncapi.yaml says.

import { readFileSync, writeFileSync } from "node:fs";

import { sleep, until } from "../../demo/processes.mjs";
import { Load } from "../faults/load.mjs";
import { expectTrafficAsDescribed } from "./asyncapi.mjs";
import { allSent, expectNothingLost } from "./centre.mjs";
import { expect, expectEqual } from "./expect.mjs";
import { Listener } from "./listener.mjs";
import { Postgres, PostgresShop } from "./postgres_shop.mjs";

const KILLS = 6;

const said = (program) => readFileSync(program.log, "utf8");

/** The one that said last that it leads, of those that run. */
function leaderOf(workers) {
  const leads = (worker) => worker.running && said(worker).lastIndexOf(" leading:") > Math.max(said(worker).lastIndexOf("no longer leading"), worker.startedAt ?? -1);
  return workers.findIndex(leads);
}

async function restart(shop, index) {
  const worker = shop.workers[index];
  worker.startedAt = said(worker).length;
  worker.start();
  await until(`worker ${index} is open again`, () => said(worker).indexOf("open", worker.startedAt) > 0);
}

export default {
  name: "workers",
  limit: 300,
  async run(stage) {
    const server = await new Postgres(stage).start();
    const shop = stage.shop({ server, members: 60 }, PostgresShop);
    await shop.startBroker();
    const listener = await new Listener(shop, shop.path("heard")).start();
    stage.atEnd(() => listener.stop());
    await Promise.all([shop.startWorker(0), shop.startWorker(1)]);
    await until("one leads", () => leaderOf(shop.workers) >= 0);
    await shop.startAgent();
    await until("records arrive", () => shop.query("SELECT count(*) AS n FROM events")[0].n > 5, { within: 60_000 });
    const load = await new Load(shop, ["kiosk-1", "kiosk-2"], { hands: 1, pause: 20 }).start();

    for (let kill = 0; kill < KILLS; ++kill) {
      const leader = await until("one leads", () => { const at = leaderOf(shop.workers); return at >= 0 && { at }; });
      const victim = kill % 2 === 0 ? leader.at : 1 - leader.at;
      stage.doing = `kill ${kill + 1}: the ${victim === leader.at ? "leader" : "other"}`;
      await shop.workers[victim].stop("SIGKILL");
      await until("the other one leads", () => leaderOf(shop.workers) === 1 - victim);
      const before = shop.query("SELECT count(*) AS n FROM events")[0].n;
      await until("the other one merges", () => shop.query("SELECT count(*) AS n FROM events")[0].n > before, { within: 60_000 });
      await restart(shop, victim);
    }

    stage.doing = "the database is away";
    const marks = shop.workers.map((worker) => said(worker).length);
    const since = (index) => said(shop.workers[index]).slice(marks[index]);
    const merged_before = await shop.withoutDatabase(async () => {
      for (const index of [0, 1]) await until(`worker ${index} misses it`, () => since(index).includes("database out of reach"));
    });
    for (const index of [0, 1]) await until(`worker ${index} has it again`, () => since(index).includes("database reached again"));
    expect(shop.workers.every((worker) => worker.running), "nobody ended for want of a database");
    await until("one leads again", () => leaderOf(shop.workers) >= 0);
    await until("merging goes on", () => shop.query("SELECT count(*) AS n FROM events")[0].n > merged_before, { within: 60_000 });

    stage.doing = "a policy that is put while the leader is another one than at first";
    const policy = { ...JSON.parse(readFileSync(shop.path("policy.json"), "utf8")), holdout_permille: 10 };
    writeFileSync(shop.path("policy.json"), JSON.stringify(policy));
    const from = said(shop.agent).length;
    shop.ctl(["enrol", ...shop.database(), "--policy", shop.path("policy.json")]);
    await until("the shop applies the new policy", () => /bundle applied kind=policy/.test(said(shop.agent).slice(from)));

    stage.doing = "what was kept against what was merged";
    const ledger = await load.stop();
    await allSent(shop);
    await sleep(1000);
    await shop.agent.stop();
    expectNothingLost(shop);
    const [merged] = shop.query("SELECT (SELECT count(*) FROM events) AS events, (SELECT sum(records) FROM sources) AS records, (SELECT sum(viewed) FROM offer_counts) AS viewed");
    expectEqual(Number(merged.records), Number(merged.events), "records counted against events kept");
    const slots = shop.query("SELECT event FROM events WHERE type = 'vitrine.promotion.viewed.v1'").reduce((sum, row) => sum + JSON.parse(row.event).data.promotions.length, 0);
    expectEqual(Number(merged.viewed), slots, "views counted against views kept");
    const [touched] = shop.query("SELECT sum(clicked + dismissed + saved + explained) AS n FROM offer_counts");
    expectEqual({ touches: Number(touched.n), unanswered: ledger.total("open") }, { touches: ledger.total("accepted"), unanswered: 0 }, "touches counted against touches that were answered");
    const worked = shop.workers.map((worker) => said(worker).match(/ leading:/g)?.length ?? 0);
    expect(worked.every((times) => times > 0), `both have led: ${worked}`);
    stage.say(`${KILLS} kills, ${ledger.total("accepted")} touches, ${merged.events} records, each merged once; they led ${worked.join(" and ")} times`);

    await listener.stop();
    const checked = await expectTrafficAsDescribed(stage, listener);
    stage.say(`on the broker as docs/asyncapi.yaml says: ${Object.entries(checked).map(([what, count]) => `${count} ${what}`).join(", ")}`);
  },
};
