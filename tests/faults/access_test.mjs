// Who may speak and hear what, with the broker's configuration as it is recommended: every client by its certificate alone.

import { Client } from "./mqtt.mjs";
import { until, sleep } from "../../demo/processes.mjs";
import { expect, expectEqual } from "../e2e/expect.mjs";
import { allSent, closeBooks } from "./books.mjs";
import { asClient } from "./certificates.mjs";
import { Load } from "./load.mjs";
import { LISTENER, OTHER_AGENT, SecureShop } from "./secure_shop.mjs";

const LYON = "vitrine/v1/halle/lyon";
const PARIS = "vitrine/v1/halle/paris";

/** A record that says it is another agent's than whoever sends it. */
const borrowed = (agent, store) =>
  JSON.stringify({ specversion: "1.0", id: `${agent}/00000000000000aa/1`, source: `/stores/${store}/agents/${agent}`, type: "vitrine.visit.started.v1", time: new Date().toISOString(), hlc: "018bcfe5687b0003", datacontenttype: "application/json", data: { visit_id: "0000000000000001" } });

async function refused(what, opening) {
  const client = await Promise.race([opening.catch(() => undefined), sleep(4000)]);
  client?.close();
  expect(!client, `the broker refuses ${what}`);
}

export default {
  name: "access",
  limit: 150,
  async run(stage) {
    const shop = stage.shop({}, SecureShop).prepare(stage.places.root);
    await shop.start();
    const as = (name, filters = []) => Client.open(shop.brokerPort, filters, { secure: asClient(shop.ours, shop.certificates[name]) });
    const load = await new Load(shop, ["kiosk-1"], { pause: 10 }).start();

    stage.doing = "who gets in";
    const foreign = new (shop.ours.constructor)(shop.dir, "foreign");
    const { ca } = asClient(shop.ours, shop.certificates[LISTENER]);
    await refused("a client without a certificate", Client.open(shop.brokerPort, [], { secure: { ca, servername: "localhost" } }));
    await refused("an expired certificate", Client.open(shop.brokerPort, [], { secure: asClient(shop.ours, shop.ours.issue(OTHER_AGENT, { expired: true })) }));
    const stranger = foreign.issue(OTHER_AGENT);
    await refused("another authority's certificate", Client.open(shop.brokerPort, [], { secure: { ...asClient(shop.ours, stranger), ca } }));
    await refused("a client without TLS", Client.open(shop.brokerPort, []));

    stage.doing = "who hears and says what";
    const listener = await as(LISTENER, ["vitrine/#"]);
    await until("the listener hears", () => listener.messages.some(({ topic }) => topic === `${LYON}/agents/lyon-1/up`));
    const other = await as(OTHER_AGENT, [`${LYON}/#`, `${LYON}/agents/+/ack`, `${LYON}/down/#`, "#", `${PARIS}/down/#`]);
    const forged = "forged by the test";
    const denied = [`${LYON}/agents/lyon-1/up`, `${LYON}/agents/lyon-1/status`, `${LYON}/agents/lyon-1/ack`, `${LYON}/down/catalogue/manifest`, `${PARIS}/down/catalogue/manifest`, `${PARIS}/agents/paris-1/ack`, `${PARIS}/agents/paris-2/up`, `${LYON}/context/weather`, `${LYON}/till/caisse-1`];
    for (const topic of denied) other.publish(topic, forged, { qos: 1, retain: topic.includes("down") });
    other.publish(`${PARIS}/agents/paris-1/up`, borrowed("lyon-1", "lyon"), { qos: 1, id: 2, type: "application/cloudevents+json" });
    await until("the other agent's own batch", () => listener.messages.some(({ topic }) => topic === `${PARIS}/agents/paris-1/up`));
    await until("the borrowed record set aside", () => shop.query("SELECT count(*) AS n FROM dead_letters")[0].n === 1);
    await sleep(500);
    expectEqual(listener.messages.filter(({ payload }) => payload.toString() === forged).map(({ topic }) => topic), [], "what another agent could say");
    const heard = new Set(other.messages.map(({ topic }) => topic.split("/").slice(0, 5).join("/")));
    expectEqual([...heard].filter((topic) => !topic.startsWith(`${PARIS}/down`)), [], "what another agent could hear");
    const [{ reason, agent }] = shop.query("SELECT reason, agent FROM dead_letters");
    expectEqual([agent, reason], ["paris-1", "of another agent than its topic"], "the borrowed record");
    expectEqual(shop.query("SELECT count(*) AS n FROM events WHERE epoch = 170")[0].n, 0, "borrowed records merged");
    other.close();

    // mosquitto lets anybody join a group of subscribers: a thief is dealt batches that it may not read. They come again.
    stage.doing = "a thief among the centre's workers";
    const thief = await as(OTHER_AGENT, ["$share/central/vitrine/v1/halle/+/agents/+/up"]);
    const before = listener.messages.length;
    await until("batches sent beside the thief", () => listener.messages.slice(before).filter(({ topic }) => topic.endsWith("/up")).length > 6);
    expectEqual(thief.messages.length, 0, "batches that the thief could read");
    thief.close();
    listener.close();

    const ledger = await load.stop();
    await allSent(shop);
    const { accepted } = closeBooks(shop, ledger, { dead: 1 });
    stage.say(`${accepted} touches went over mutual TLS; ${denied.length} topics were closed to another agent, and all of ${LYON} to its ears`);
  },
};
