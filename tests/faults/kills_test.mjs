// kill -9 of agent, broker and centre at random under load. What was accepted is at the centre once, whoever died when.

import { sleep } from "../../demo/processes.mjs";
import { expect } from "../e2e/expect.mjs";
import { allSent, closeBooks } from "./books.mjs";
import { figure } from "./figure.mjs";
import { Load } from "./load.mjs";
import { seeded } from "./stage.mjs";
import { MqttWire } from "./wire.mjs";

const KIOSKS = ["kiosk-1", "kiosk-2", "kiosk-3"];

/** Ends `name` without a farewell; it is back after `ms`. */
async function kill(shop, name, ms) {
  const program = shop[name];
  await program.stop("SIGKILL");
  await sleep(ms);
  await { agent: () => shop.startAgent(), broker: () => shop.startBroker(), central: () => shop.startCentral() }[name]();
}

export default {
  name: "kills",
  limit: 150,
  longLimit: 1200,
  async run(stage) {
    const kills = stage.long ? 100 : 12;
    const random = seeded(stage.seed);
    const shop = stage.shop();
    await shop.startBroker();
    await shop.startCentral();
    shop.wire = await new MqttWire(shop.brokerPort, random).listen();
    await shop.startAgent();
    const load = await new Load(shop, KIOSKS, { hands: stage.long ? 4 : 2, pause: stage.long ? 2 : 8 }).start();
    const killed = { agent: 0, broker: 0, central: 0 };
    for (let n = 0; n < kills; ++n) {
      await sleep((stage.long ? 1000 : 200) + (stage.long ? 4000 : 900) * random());
      const names = Object.keys(killed);
      const name = names[Math.floor(random() * names.length)];
      stage.doing = `kill ${n + 1} of ${kills}: ${name}`;
      ++killed[name];
      await kill(shop, name, 600 * random());
    }
    stage.doing = "healing";
    await sleep(500);
    const ledger = await load.stop();
    await allSent(shop, 90);
    const { accepted, open, records } = closeBooks(shop, ledger);
    expect(accepted > 25 * kills, `there was load, but only ${accepted} touches were accepted`);
    const { sent, distinct } = await shop.wire.tally();
    const again = (sent - distinct) / distinct;
    stage.say(`${kills} kills (${Object.entries(killed).map(([name, n]) => `${name} ${n}`).join(", ")}): ${accepted} touches accepted, all of them merged once; of those without an answer ${open} had been kept`);
    stage.say(`${records} records in all; ${sent} went up: ${((sent - distinct) / kills).toFixed(0)} again for each kill, ${(100 * again).toFixed(2)} %`);
    stage.say(figure("faults", `S1 accepted records lost, ${kills} kill -9`, 0, "records"));
    stage.say(figure("faults", `S1 accepted records doubled, ${kills} kill -9`, 0, "records"));
    stage.say(figure("faults", `S3 re-sent, ${kills} kill -9`, again, "share"));
  },
};
