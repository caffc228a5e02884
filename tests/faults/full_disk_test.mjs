// A disk that is full: the agent gives up its ballast, then what is worth least, and never a member's decision. When there is room again
// everything is as it was, and the centre knows how much was lost.

import { existsSync, readFileSync, rmSync, statfsSync, writeFileSync } from "node:fs";

import { sleep, until } from "../../demo/processes.mjs";
import { metric } from "../e2e/centre.mjs";
import { expect, expectEqual } from "../e2e/expect.mjs";
import { allSent, closeBooks } from "./books.mjs";
import { pause, pausesAt, recognisable } from "./decision.mjs";
import { memoryDisk } from "./disk.mjs";
import { Load } from "./load.mjs";

const MB = 1 << 20;
const DESK = "kiosk-3";

/** Leaves so many bytes free at `folder`. */
function fill(folder, name, bytesLeft) {
  const { bavail, bsize } = statfsSync(folder);
  const size = bavail * bsize - bytesLeft;
  try {
    if (size > 0) writeFileSync(`${folder}/${name}`, Buffer.alloc(size, 1));
  } catch (error) {
    if (error.code !== "ENOSPC") throw error; // The agent wrote meanwhile: full is full.
  }
}

export default {
  name: "full-disk",
  limit: 180,
  longLimit: 300,
  async run(stage) {
    const shop = stage.shop({ limits: { health: 1, outboxMb: 1 } });
    const folder = shop.path("agent");
    memoryDisk(stage, shop, folder, 80);
    await shop.start();
    const load = await new Load(shop, ["kiosk-1", "kiosk-2"], { hands: 3, pause: 2, watched: [DESK] }).start();
    const members = recognisable(shop);
    const { pid } = shop.agent;
    const decided = [];
    const promised = async (when) => {
      decided.push(await pause(shop, load, DESK, members[decided.length]));
      expectEqual(decided.at(-1).status, 204, `a pause ${when}`);
    };
    await promised("while there is room");

    // The outbox is small yet, and has to grow.
    stage.doing = "a full disk: the ballast goes";
    shop.wire.setCut(true);
    const ballast = `${folder}/outbox.db.ballast`;
    expect(existsSync(ballast), "ballast lies ready");
    fill(folder, "filler-1", 0);
    await until("the ballast given up", () => !existsSync(ballast), { within: 30_000 });
    await promised("where the ballast made room");

    stage.doing = "more than may wait: the least goes";
    await until("records dropped for want of room", async () => (await metric(shop, "vitrine_records_lost_total")) > 0, { within: 80_000 }); // A megabyte of touches: seconds, where the machine is idle.
    await promised("where the least made room");

    stage.doing = "full again: perhaps nothing can be promised any more, but it goes on";
    fill(folder, "filler-2", 0);
    const before = load.unkept;
    await sleep(1500);
    for (let n = 0; n < (stage.long ? 5 : 2); ++n) decided.push(await pause(shop, load, DESK, members[decided.length]));
    expect(shop.agent.pid === pid, "the agent goes on beside a full disk");

    stage.doing = "room again";
    rmSync(`${folder}/filler-1`, { force: true });
    rmSync(`${folder}/filler-2`, { force: true });
    shop.wire.setCut(false);
    const ledger = await load.stop();
    await allSent(shop, 90);
    await until("ballast in place again", () => existsSync(ballast));
    const lost = await metric(shop, "vitrine_records_lost_total");
    await until("the loss known at the centre", () => lostAt(shop) === lost);
    await until("nothing waited for any more at the centre", () => shop.query("SELECT 1 FROM sources WHERE length(ranges) > 0").length === 0);
    const books = closeBooks(shop, ledger, { lostAtMost: lost });
    expectEqual(pausesAt(shop), decided.map(({ member }) => member).sort(), "pauses at the centre, each once");
    expectEqual(readFileSync(shop.agent.log, "utf8").includes("damaged"), false, "whether the outbox was damaged");
    const unkept = load.unkept - before;
    const sure = decided.filter(({ status }) => status === 204).length;
    stage.say(`${decided.length} members paused, ${sure} of them with a promise, all of them at the centre; ${unkept} touches were not promised; ${lost} records dropped for want of room, ${books.lost} of ${books.accepted} accepted touches among them, and the centre knows`);
  },
};

/** What the agent last told the centre of its losses. */
function lostAt(shop) {
  const [row] = shop.query("SELECT event FROM health ORDER BY hlc DESC LIMIT 1");
  return row ? JSON.parse(row.event).data.dropped_records : -1;
}
