// Who did not say yes is not reacted to, and leaves no record: Hugo allows nothing, Lucie to be recognised only.

import { until } from "../../demo/processes.mjs";
import { allSent, memberOf, metric, recordsNaming, recordsOf } from "./centre.mjs";
import { expectEqual } from "./expect.mjs";
import { KioskPage } from "./kiosk_page.mjs";

const RECOGNISED = "vitrine_adverts_recognised_total";

/** Stands there until the agent has heard this many more adverts, and reported twice since. */
async function standsAt(shop, label, kiosk) {
  await shop.steer(label, kiosk);
  await until(`${label} at ${kiosk}`, async () => (await shop.shoppers()).some((each) => each.label === label && each.place === kiosk && each.in_store && !each.walking), { within: 60_000 });
  const heard = await metric(shop, "vitrine_adverts_heard_total");
  const reports = recordsOf(shop, "agent.health").length;
  await until("the agent to have heard much of them", async () => (await metric(shop, "vitrine_adverts_heard_total")) > heard + 200, { within: 60_000 });
  await until("two more reports", () => recordsOf(shop, "agent.health").length >= reports + 2, { within: 60_000 });
}

const gone = (shop, label) => until(`${label} gone`, async () => !(await shop.shoppers()).find((each) => each.label === label).in_store, { within: 60_000 });

export default {
  name: "consent",
  limit: 420,
  async run(stage) {
    const shop = stage.shop();
    await shop.start();
    const kiosk = await KioskPage.open(stage, shop, "kiosk-1");
    await kiosk.mode("ambient");

    const before = await metric(shop, RECOGNISED);
    await standsAt(shop, "Hugo", "kiosk-1");
    expectEqual(await metric(shop, RECOGNISED), before, "adverts recognised while Hugo, who allows nothing, stood there");
    await shop.steer("Hugo", "away");
    await gone(shop, "Hugo");

    await standsAt(shop, "Lucie", "kiosk-1");
    await until("Lucie recognised, as she allows", async () => (await metric(shop, RECOGNISED)) > before + 10);
    await until("Lucie present, as she allows", async () => (await metric(shop, "vitrine_members_present")) === 1);
    await kiosk.look("lucie-ambient");
    await shop.steer("Lucie", "away");
    await gone(shop, "Lucie");
    expectEqual(await kiosk.modes(), ["ambient"], "what the screen showed while Hugo and Lucie stood there");
    await until("Lucie forgotten", async () => (await metric(shop, "vitrine_members_present")) === 0, { within: 60_000 });

    // The same screen does react to somebody who said yes: the promises above can fail.
    await shop.steer("Ana", "kiosk-1");
    await kiosk.mode("tailored");
    await shop.steer("Ana", "away");
    await gone(shop, "Ana");
    await until("Ana's visit merged", () => recordsNaming(shop, memberOf(shop, "Ana").member) > 0, { within: 60_000 });
    await allSent(shop);
    for (const label of ["Hugo", "Lucie"]) {
      expectEqual(recordsNaming(shop, memberOf(shop, label).member), 0, `records that name ${label}`);
    }
    kiosk.expectQuiet();
  },
};
