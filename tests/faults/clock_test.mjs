// Clocks that are wrong: a day ahead, a day behind, a start in 1970. Sync goes on, nothing is lost, records keep their order, and none
// counts for a day that has not come.

import path from "node:path";

import { sleep, until } from "../../demo/processes.mjs";
import { expect, expectEqual } from "../e2e/expect.mjs";
import { allSent, closeBooks } from "./books.mjs";
import { Clock } from "./clock.mjs";
import { Load } from "./load.mjs";

const DAY_S = 86_400;

/** The shop's agent by that clock. */
function withClock(shop, clock) {
  shop.agent = shop.program("agent", path.join(shop.bin, "vitrine-agent"), ["--config", shop.path("agent.toml")], clock.environment);
}

/** Records in the order of their sequences have ascending stamps; what is later than its arrival counts as then. */
function expectOrder(shop) {
  const rows = shop.query("SELECT sequence, received, json_extract(event, '$.hlc') AS hlc, json_extract(event, '$.time') AS time FROM events ORDER BY epoch, sequence");
  for (let i = 1; i < rows.length; ++i) expect(rows[i - 1].hlc < rows[i].hlc, `record ${rows[i].sequence} is stamped after the one before it`);
  const today = Math.floor(Date.now() / 86_400_000);
  const days = shop.query("SELECT day FROM offer_counts UNION SELECT day FROM shop_counts").map(({ day }) => day);
  expectEqual(days.filter((day) => day > today), [], "days in the counts that have not come");
  const stamps = rows.map(({ hlc, received }) => Number.parseInt(hlc.slice(0, 12), 16) - received);
  return { ahead: stamps.filter((each) => each > 60_000).length, behind: stamps.filter((each) => each < -3_600_000).length, count: rows.length };
}

export default {
  name: "clock",
  limit: 150,
  longLimit: 400,
  async run(stage) {
    const shop = stage.shop({ limits: { health: 1 } });
    await shop.startBroker();
    await shop.startCentral();
    const clock = new Clock(shop.dir);
    withClock(shop, clock);
    await shop.startAgent();
    const load = await new Load(shop, ["kiosk-1", "kiosk-2"], { pause: 10 }).start();
    const { pid } = shop.agent;
    for (let round = 0; round < (stage.long ? 20 : 1); ++round) {
      for (const days of [1, 0, -1, 0]) {
        stage.doing = `a clock that is ${days} days ahead`;
        clock.set(days * DAY_S);
        await sleep(1200);
      }
    }
    expect(shop.agent.pid === pid, "the agent goes on whatever the clock does");
    const accepted = load.ledger.total("accepted");
    expect(accepted > 30, "touches are taken whatever the clock does");

    stage.doing = "a start in 1970";
    await shop.agent.stop("SIGKILL");
    clock.set(10 - Math.floor(Date.now() / 1000));
    await shop.startAgent();
    await sleep(2500);
    stage.doing = "the clock is set";
    clock.set(0);
    await until("touches taken again", () => load.ledger.total("accepted") > accepted);
    await sleep(500);
    const ledger = await load.stop();
    await allSent(shop);
    const books = closeBooks(shop, ledger);
    const { ahead, behind, count } = expectOrder(shop);
    expect(ahead > 0, "records were stamped ahead of time");
    stage.say(`${books.accepted} touches accepted, all of them merged once; of ${count} records ${ahead} came stamped more than a minute ahead and ${behind} more than an hour behind, all in order and none for a day to come`);
  },
};
