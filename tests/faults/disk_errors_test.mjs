// A disk that fails now and then: syncs and writes that return EIO or ENOSPC, at the n-th call and every few after it. The agent goes on,
// promises only what was written, says what happened, and what it promised is at the centre once.

import { readFileSync } from "node:fs";

import { sleep } from "../../demo/processes.mjs";
import { expect } from "../e2e/expect.mjs";
import { allSent, closeBooks } from "./books.mjs";
import { Load } from "./load.mjs";
import { seeded } from "./stage.mjs";
import { traced, untraced } from "./traced.mjs";

const FAULTS = [
  ["syncs that fail", ["fdatasync:error=EIO:when=7+23"]],
  ["writes for which there is no room", ["pwrite64:error=ENOSPC:when=40+61"]],
  ["writes that fail", ["pwrite64:error=EIO:when=60+83"]],
];

export default {
  name: "disk-errors",
  limit: 60,
  longLimit: 300,
  async run(stage) {
    const random = seeded(stage.seed);
    const shop = stage.shop();
    await shop.start();
    const load = await new Load(shop, ["kiosk-1", "kiosk-2"], { pause: 8 }).start();
    const told = [];
    for (const [what, faults] of FAULTS) {
      stage.doing = what;
      await shop.agent.stop(random() < 0.5 ? "SIGKILL" : "SIGTERM");
      const from = readFileSync(shop.agent.log, "utf8").length;
      const [accepted, unkept] = [load.ledger.total("accepted"), load.unkept];
      traced(shop, ...faults);
      await shop.startAgent();
      const { pid } = shop.agent;
      await sleep(stage.long ? 30_000 : 2500);
      expect(shop.agent.pid === pid, `the agent goes on beside ${what}`);
      expect(load.ledger.total("accepted") > accepted + 20, `touches are taken beside ${what}`);
      expect(readFileSync(shop.agent.log, "utf8").slice(from).includes("records wait for the disk"), `the agent says that there are ${what}`);
      expect(load.unkept > unkept, `a touch that could not be written is not promised beside ${what}`);
      told.push(`${what}: ${load.ledger.total("accepted") - accepted} touches accepted, ${load.unkept - unkept} answered that they are not kept yet`);
    }
    stage.doing = "a good disk again";
    await shop.agent.stop("SIGKILL");
    untraced(shop);
    await shop.startAgent();
    await sleep(500);
    const ledger = await load.stop();
    await allSent(shop);
    const { accepted } = closeBooks(shop, ledger);
    for (const line of told) stage.say(line);
    stage.say(`${accepted} touches accepted, all of them merged once`);
  },
};
