// Power cuts under load, on a disk of the agent's own: all that was accepted before the cut is there when the power is back. And the same
// where syncing does nothing, as with `synchronous=NORMAL`: there it must be missing, or this test could not fail.

import { execFileSync } from "node:child_process";

import { sleep, until } from "../../demo/processes.mjs";
import { metric } from "../e2e/centre.mjs";
import { expect } from "../e2e/expect.mjs";
import { allSent, closeBooks } from "./books.mjs";
import { Disk } from "./disk.mjs";
import { figure } from "./figure.mjs";
import { Load } from "./load.mjs";
import { seeded } from "./stage.mjs";
import { traced } from "./traced.mjs";

const KIOSKS = ["kiosk-1", "kiosk-2", "kiosk-3"];

/** How many records wait in a database that nobody has open; 0 where a cut left no table, or only a torn one. */
function waitingIn(file) {
  try {
    return Number(execFileSync("sqlite3", [file, "SELECT count(*) FROM rows"], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }));
  } catch (error) {
    if (/no such table|malformed|not a database|disk image/.test(error.stderr)) return 0;
    throw error;
  }
}

/** An agent whose disk says that it has synced and has not: how much of what it accepted does a cut take? */
async function withoutSyncing(stage) {
  stage.doing = "a disk that does not sync";
  const shop = stage.shop();
  await shop.startBroker();
  await shop.startCentral();
  const disk = new Disk(stage, shop, shop.path("agent"));
  traced(shop, "fdatasync:retval=0", "fsync:retval=0");
  await shop.startAgent();
  const load = await new Load(shop, KIOSKS, { pause: 5 }).start();
  shop.wire.setCut(true); // From here on everything stays in the shop.
  const before = load.ledger.total("accepted");
  await sleep(1200);
  const accepted = load.ledger.total("accepted") - before;
  await disk.cut(shop.agent);
  await load.stop();
  const found = waitingIn(shop.path("agent", "outbox.db"));
  expect(accepted > 50 && found < accepted, `a cut takes what was not synced, but of ${accepted} accepted ${found} were there`);
  await shop.stop();
  return { accepted, found };
}

export default {
  name: "power",
  limit: 150,
  longLimit: 900,
  async run(stage) {
    const cuts = stage.long ? 20 : 3;
    const random = seeded(stage.seed);
    const shop = stage.shop();
    await shop.startBroker();
    await shop.startCentral();
    const disk = new Disk(stage, shop, shop.path("agent"));
    await shop.startAgent();
    const load = await new Load(shop, KIOSKS, { pause: 5 }).start();
    let kept = 0;
    for (let n = 0; n < cuts; ++n) {
      stage.doing = `cut ${n + 1} of ${cuts}`;
      const offline = n % 2 === 0; // So that the disk has something to keep.
      shop.wire.setCut(offline);
      const before = load.ledger.total("accepted");
      await sleep(600 + 1500 * random());
      const accepted = load.ledger.total("accepted") - before;
      await disk.cut(shop.agent);
      await shop.startAgent();
      const waiting = await metric(shop, "vitrine_outbox_records");
      expect(!offline || waiting >= accepted, `${accepted} touches were accepted before the cut, and ${waiting} records were there after it`);
      kept += accepted;
      await until("touches taken again", () => load.ledger.total("accepted") > before + accepted);
    }
    shop.wire.setCut(false);
    const ledger = await load.stop();
    await allSent(shop);
    const { accepted, open } = closeBooks(shop, ledger);
    stage.say(`${cuts} power cuts: ${kept} touches accepted right before them, all there afterwards; ${accepted} in all merged once, and ${open} without an answer`);
    stage.say(figure("faults", `S1 accepted records lost, ${cuts} power cuts`, 0, "records"));
    const lying = await withoutSyncing(stage);
    stage.say(`where syncing does nothing a cut left ${lying.found} of ${lying.accepted}: this test can fail`);
  },
};
