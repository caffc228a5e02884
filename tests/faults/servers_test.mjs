// Brokers that are not ours: their certificate is out of date, of another authority, of nobody, or for another host. The agent keeps its
// records, says why, and sends them once ours is back.

import { readFileSync, writeFileSync } from "node:fs";

import { freePort, until } from "../../demo/processes.mjs";
import { metric } from "../e2e/centre.mjs";
import { expect, expectEqual } from "../e2e/expect.mjs";
import { allSent, closeBooks } from "./books.mjs";
import { Authority } from "./certificates.mjs";
import { Load } from "./load.mjs";
import { SecureShop } from "./secure_shop.mjs";

/** A broker with that server certificate that takes anybody. */
async function impostor(shop, name, { certificate, key }) {
  const port = await freePort();
  const file = shop.path(`${name}.conf`);
  writeFileSync(file, `user root\nlistener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\ncertfile ${certificate}\nkeyfile ${key}\n`);
  const program = shop.program(name, "mosquitto", ["-c", file]).start();
  await until(`${name} listens`, () => readFileSync(program.log, "utf8").includes("running"), { every: 20 });
  return { port, log: () => readFileSync(program.log, "utf8") };
}

export default {
  name: "servers",
  limit: 150,
  async run(stage) {
    const shop = stage.shop({}, SecureShop).prepare(stage.places.root);
    const { ours } = shop;
    const brokers = {
      "expired": ours.issue("broker", { host: "localhost", expired: true }),
      "foreign": new Authority(shop.dir, "others").issue("broker", { host: "localhost" }),
      "self-signed": ours.selfSigned("broker", "localhost"),
      "wrong-host": ours.issue("elsewhere", { host: "broker.example" }),
    };
    await shop.startBroker();
    await shop.startCentral();
    await shop.startAgent();
    await until("the agent sends", async () => (await metric(shop, "vitrine_centre_reachable")) === 1);
    await allSent(shop);
    const load = await new Load(shop, ["kiosk-1"], { pause: 20 }).start();
    for (const [name, certificate] of Object.entries(brokers)) {
      stage.doing = `a broker whose certificate is ${name}`;
      await shop.agent.stop();
      const from = readFileSync(shop.agent.log, "utf8").length;
      const { port, log } = await impostor(shop, name, certificate);
      shop.agentsBrokerPort = port;
      await shop.startAgent();
      const said = () => readFileSync(shop.agent.log, "utf8").slice(from);
      await until("the agent says that it does not trust it", () => /trouble with the broker.*certificate/.test(said()));
      const before = load.ledger.total("accepted");
      await until("touches taken all the same", () => load.ledger.total("accepted") > before + 10);
      expect((await metric(shop, "vitrine_outbox_records")) > 0, "records wait");
      expectEqual(await metric(shop, "vitrine_centre_reachable"), 0, `reachable by a broker whose certificate is ${name}`);
      expect(!said().includes("centre reachable"), "the agent does not take it for the centre's");
      expect(!log().includes("New client connected"), `nobody spoke MQTT with the ${name} broker`);
    }
    stage.doing = "ours is back";
    await shop.agent.stop();
    shop.agentsBrokerPort = undefined;
    await shop.startAgent();
    const ledger = await load.stop();
    await allSent(shop);
    const { accepted } = closeBooks(shop, ledger);
    stage.say(`${Object.keys(brokers).join(", ")}: each refused with a line in the log; ${accepted} touches kept meanwhile and merged afterwards`);
  },
};
