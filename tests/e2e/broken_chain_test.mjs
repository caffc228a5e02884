// The same with everything pulled out in the middle: the broker killed before the tap, the agent killed after it, the centre killed as
// well, all back later. The outcome is the same.

import { until } from "../../demo/processes.mjs";
import { allSent, expectNothingLost, metric, modelInShop, newerModel, recordsOf } from "./centre.mjs";
import { expectEqual } from "./expect.mjs";
import { KioskPage } from "./kiosk_page.mjs";
import { expectOneClick, openFirst, useScreen } from "./visit.mjs";
import { shopOfWalk } from "./walk.mjs";

const waiting = (shop) => metric(shop, "vitrine_outbox_records");

export default {
  name: "broken-chain",
  limit: 480,
  async run(stage) {
    await stage.browser();
    const { shop, kiosk: id } = shopOfWalk(stage);
    await shop.start();
    const kiosk = await KioskPage.open(stage, shop, id);
    await kiosk.mode("ambient");
    const model = await until("a first report of the shop", () => modelInShop(shop));
    await kiosk.mode("tailored", 120_000);

    await shop.broker.stop("SIGKILL");
    const offer = await openFirst(kiosk);
    await useScreen(kiosk, offer);
    await until("the records wait in the shop", async () => (await waiting(shop)) >= 4);
    expectEqual(recordsOf(shop, "promotion.clicked"), [], "clicks at the centre while the broker is gone");

    const kept = await waiting(shop);
    await shop.agent.stop("SIGKILL");
    await kiosk.page.locator('.kiosk[data-link="lost"]').waitFor({ timeout: 60_000 });
    await kiosk.look("agent-gone");
    await shop.startAgent();
    const found = await waiting(shop);
    if (found < kept) throw new Error(`${kept} records waited before the agent was killed, ${found} after it came back`);
    stage.say(`${kept} records waited when the agent was killed; ${found} were there when it came back`);
    await kiosk.page.locator('.kiosk[data-link="live"]').waitFor({ timeout: 60_000 });
    await kiosk.watchAgain();

    await shop.central.stop("SIGKILL");
    await shop.startBroker();
    await shop.startCentral();
    await expectOneClick(shop, kiosk, offer);
    const newer = await newerModel(shop, model);
    stage.say(`the shop went from model ${model} to ${newer}`);
    await allSent(shop);
    await expectOneClick(shop, kiosk, offer);
    expectNothingLost(shop);
    kiosk.expectQuiet();
  },
};
