// A disk that fails now and then: syncs and writes that return EIO or ENOSPC, at the n-th call and every few after it. The agent goes on,
// promises only what was written, says what happened, and what it promised is at the centre once.

import { readFileSync } from "node:fs";

import { sleep } from "../../demo/processes.mjs";
import { metric } from "../e2e/centre.mjs";
import { expect } from "../e2e/expect.mjs";
import { allSent, closeBooks } from "./books.mjs";
import { Load } from "./load.mjs";
import { seeded } from "./stage.mjs";
import { traced, untraced } from "./traced.mjs";

// A write that finds no room for a moment goes through when it is tried again: nobody needs to hear of it. Where the next one finds none
// either, the disk is full, and the least goes: counted, here and at the centre.
const FAULTS = [
  { what: "syncs that fail", inject: "fdatasync:error=EIO:when=7+23", isTold: true },
  { what: "writes for which there is no room", inject: "pwrite64:error=ENOSPC:when=40+151", isTold: false },
  { what: "writes that fail", inject: "pwrite64:error=EIO:when=60+83", isTold: true },
];

export default {
  name: "disk-errors",
  limit: 150,
  longLimit: 300,
  async run(stage) {
    const random = seeded(stage.seed);
    const shop = stage.shop();
    await shop.start();
    const load = await new Load(shop, ["kiosk-1", "kiosk-2"], { pause: 8 }).start();
    const told = [];
    for (const { what, inject, isTold } of FAULTS) {
      stage.doing = what;
      await shop.agent.stop(random() < 0.5 ? "SIGKILL" : "SIGTERM");
      const from = readFileSync(shop.agent.log, "utf8").length;
      const [accepted, unkept] = [load.ledger.total("accepted"), load.unkept];
      traced(shop, inject);
      await shop.startAgent();
      const { pid } = shop.agent;
      await sleep(stage.long ? 30_000 : 2500);
      expect(shop.agent.pid === pid, `the agent goes on beside ${what}`);
      expect(load.ledger.total("accepted") > accepted + 20, `touches are taken beside ${what}`);
      expect(!isTold || readFileSync(shop.agent.log, "utf8").slice(from).includes("records wait for the disk"), `the agent says that there are ${what}`);
      expect(!isTold || load.unkept > unkept, `a touch that could not be written is not promised beside ${what}`);
      told.push(`${what}: ${load.ledger.total("accepted") - accepted} touches accepted, ${load.unkept - unkept} answered that they are not kept yet`);
    }
    stage.doing = "a good disk again";
    await shop.agent.stop("SIGKILL");
    untraced(shop);
    await shop.startAgent();
    await sleep(500);
    const ledger = await load.stop();
    await allSent(shop);
    const dropped = await metric(shop, "vitrine_records_lost_total");
    const { accepted, lost } = closeBooks(shop, ledger, { lostAtMost: dropped });
    for (const line of told) stage.say(line);
    stage.say(`${accepted} touches accepted, all but ${lost} of them merged once; ${dropped} records were dropped for want of room`);
  },
};
