// A network at its worst, between the agent and the broker and between the centre and the broker: slow, torn in the middle of packets,
// swallowing, with whole PUBLISH packets twice. In effect everything comes once.

import { sleep } from "../../demo/processes.mjs";
import { expect } from "../e2e/expect.mjs";
import { allSent, closeBooks } from "./books.mjs";
import { Load } from "./load.mjs";
import { seeded } from "./stage.mjs";
import { MqttWire } from "./wire.mjs";

const WEATHER = [
  ["slow", { delay: 150 }],
  ["twice", { doubled: 0.5 }],
  ["torn", { torn: 0.15 }],
  ["swallowing", { swallows: true }],
  ["all of it", { delay: 40, doubled: 0.3, torn: 0.04 }],
];
const FINE = { delay: 0, doubled: 0, torn: 0, swallows: false };

export default {
  name: "proxy",
  limit: 150,
  longLimit: 900,
  async run(stage) {
    const random = seeded(stage.seed);
    const shop = stage.shop();
    await shop.startBroker();
    const far = await new MqttWire(shop.brokerPort, random).listen();
    stage.atEnd(() => far.close());
    shop.centralBroker = () => ["--broker", `mqtt://127.0.0.1:${far.port}`];
    await shop.startCentral();
    const near = await new MqttWire(shop.brokerPort, random).listen();
    shop.wire = near;
    await shop.startAgent();
    const load = await new Load(shop, ["kiosk-1", "kiosk-2"], { pause: 8 }).start();
    for (let round = 0; round < (stage.long ? 30 : 1); ++round) {
      for (const [name, faults] of WEATHER) {
        stage.doing = `a network that is ${name}`;
        // Once here, once there, once at both ends.
        for (const wire of stage.long && round % 3 < 2 ? [[near, far][round % 3]] : [near, far]) Object.assign(wire, FINE, faults);
        await sleep(name === "swallowing" ? 2500 : 2000);
        for (const wire of [near, far]) Object.assign(wire, FINE);
      }
    }
    stage.doing = "a good network again";
    const ledger = await load.stop();
    await allSent(shop, 90);
    const { accepted } = closeBooks(shop, ledger);
    const { sent, distinct } = await near.tally();
    expect(near.counts.doubled > 0 && near.counts.torn + far.counts.torn > 0, "there were faults");
    const told = (wire) => `${wire.counts.packets} packets, ${wire.counts.doubled} of them twice, ${wire.counts.torn} torn, ${wire.counts.connections} connections`;
    stage.say(`${accepted} touches accepted, all of them merged once; ${sent} records went up for ${distinct}`);
    stage.say(`agent: ${told(near)}; centre: ${told(far)}`);
  },
};
