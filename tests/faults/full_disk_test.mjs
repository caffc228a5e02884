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
  if (size > 0) writeFileSync(`${folder}/${name}`, Buffer.alloc(size, 1));
}

export default {
  name: "full-disk",
  limit: 90,
  longLimit: 300,
  async run(stage) {
    const shop = stage.shop({ limits: { health: 1 } });
    const folder = shop.path("agent");
    memoryDisk(stage, shop, folder, 48);
    await shop.start();
    const load = await new Load(shop, ["kiosk-1", "kiosk-2"], { hands: 3, pause: 2, watched: [DESK] }).start();
    const [ana, karim, ...others] = recognisable(shop);
    const { pid } = shop.agent;
    const decided = [await pause(shop, load, DESK, ana)];
    expectEqual(decided[0].status, 204, "a pause while there is room");

    stage.doing = "full: the ballast goes";
    shop.wire.setCut(true);
    const ballast = `${folder}/outbox.db.ballast`;
    expect(existsSync(ballast), "ballast lies ready");
    fill(folder, "filler-1", 64 << 10);
    await until("the ballast given up", () => !existsSync(ballast));
    decided.push(await pause(shop, load, DESK, karim));
    expectEqual(decided[1].status, 204, "a pause where the ballast made room");

    stage.doing = "full again: the least goes";
    fill(folder, "filler-2", 32 << 10);
    const kept = load.ledger.total("accepted");
    await until("records dropped for want of room", async () => (await metric(shop, "vitrine_records_lost_total")) > 0, { within: 30_000 });
    for (const member of others.slice(0, stage.long ? 12 : 3)) decided.push(await pause(shop, load, DESK, member));
    await sleep(500);
    expect(shop.agent.pid === pid, "the agent goes on beside a full disk");
    expect(load.ledger.total("accepted") > kept, "touches are taken beside a full disk");

    stage.doing = "room again";
    rmSync(`${folder}/filler-1`, { force: true });
    rmSync(`${folder}/filler-2`, { force: true });
    shop.wire.setCut(false);
    const ledger = await load.stop();
    await allSent(shop, 90);
    await until("ballast in place again", () => existsSync(ballast));
    const lost = await metric(shop, "vitrine_records_lost_total");
    await until("the loss known at the centre", () => lostAt(shop) === lost, { within: 20_000 });

    const books = closeBooks(shop, ledger, { lostAtMost: lost });
    const sure = decided.filter(({ status }) => status === 204).map(({ member }) => member).sort();
    const found = pausesAt(shop);
    expectEqual(sure.filter((member) => !found.includes(member)), [], "pauses that were promised and are not at the centre");
    expectEqual(found.length, new Set(found).size, "pauses at the centre, each once");
    expectEqual(readFileSync(shop.agent.log, "utf8").includes("damaged"), false, "whether the outbox was damaged");
    stage.say(`${sure.length} of ${decided.length} members' pauses promised on a full disk, all at the centre; ${lost} records dropped for want of room, ${books.lost} of ${books.accepted} accepted touches among them, and the centre knows`);
  },
};

/** What the agent last told the centre of its losses. */
function lostAt(shop) {
  const [row] = shop.query("SELECT event FROM health ORDER BY hlc DESC LIMIT 1");
  return row ? JSON.parse(row.event).data.dropped_records : -1;
}
