// A broker that restarts under thirty agents: they come back, and not as one.

import net from "node:net";

import { sleep, until } from "../../demo/processes.mjs";
import { expect } from "../e2e/expect.mjs";
import { Twin } from "./twin.mjs";

/** A way to the broker that notes when a connection has reached it. */
class Door {
  async open(target) {
    this.came = [];
    this.server = net.createServer((socket) => {
      const other = net.connect(target, "127.0.0.1", () => this.came.push(Date.now()));
      for (const [one, two] of [[socket, other], [other, socket]]) {
        one.on("error", () => {});
        one.on("close", () => two.destroy());
        one.pipe(two);
      }
    });
    await new Promise((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    this.port = this.server.address().port;
    return this;
  }
}

const SPREAD_S = 5;

/** The most that came within any `ms`. */
const crowd = (times, ms) => Math.max(...times.map((time) => times.filter((each) => each >= time && each < time + ms).length));

export default {
  name: "fleet",
  limit: 100,
  longLimit: 300,
  async run(stage) {
    const agents = stage.long ? 100 : 30;
    const shop = stage.shop();
    await shop.startBroker();
    await shop.startCentral();
    const door = await new Door().open(shop.brokerPort);
    stage.atEnd(() => door.server.close());
    for (let n = 0; n < agents; n += 5) {
      stage.doing = `opening ${n} of ${agents}`;
      await Promise.all(Array.from({ length: Math.min(5, agents - n) }, async (_, i) => {
        const twin = new Twin(shop, `agent-${n + i}`, door.port, { reconnectSpread: SPREAD_S });
        twin.programs = shop.programs; // They end with the shop.
        await twin.startAgent();
      }));
    }
    await until("all agents at the broker", () => door.came.length >= agents, { within: 40_000 });
    await sleep(6000); // A connection that is old enough is a good one.

    stage.doing = "the broker restarts";
    door.came.length = 0;
    await shop.broker.stop("SIGKILL");
    await sleep(500);
    await shop.startBroker();
    const back = Date.now();
    await until("all agents back", () => door.came.length >= agents, { within: 60_000 });
    const times = door.came.slice(0, agents).map((time) => time - back).sort((a, b) => a - b);
    const most = crowd(times, 100);
    // Of thirty that come at random moments within five seconds, eight within 100 ms would be one chance in a million.
    expect(most <= agents / 4, `no more than a quarter of ${agents} agents come within 100 ms, but ${most} did`);
    const at = (share) => (times[Math.floor(share * (agents - 1))] / 1000).toFixed(2);
    stage.say(`${agents} agents came back ${at(0)} s (first), ${at(0.5)} s (half), ${at(1)} s (last) after the broker; at most ${most} within 100 ms`);
  },
};
