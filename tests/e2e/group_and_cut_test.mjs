// Two people see what suits all. The network is cut: the screens go on, say so after a while, and everything arrives when it is mended.

import { until } from "../../demo/processes.mjs";
import { allSent, expectNothingLost, memberOf, metric, recordsOf } from "./centre.mjs";
import { expect, expectEqual } from "./expect.mjs";
import { KioskPage } from "./kiosk_page.mjs";
import { LANDSCAPE } from "./stage.mjs";

export default {
  name: "group-and-cut",
  limit: 420,
  async run(stage) {
    const shop = stage.shop();
    await shop.start();
    const kiosk = await KioskPage.open(stage, shop, "kiosk-1", { size: LANDSCAPE });
    await kiosk.mode("ambient");
    await kiosk.look("ambient");
    await shop.steer("Ana", "kiosk-1");
    await shop.steer("Karim", "kiosk-1");
    await kiosk.mode("group");
    await kiosk.look("group");
    const viewed = await until("the group's screen merged", () => {
      const groups = recordsOf(shop, "promotion.viewed").filter((each) => each.data.mode === "group");
      return groups.length > 0 && groups;
    });
    for (const each of viewed) expectEqual(each.subject, undefined, "the subject of a screen for a group");

    shop.wire.setCut(true);
    const merged = () => recordsOf(shop, "promotion.clicked").length;
    const [offer] = await kiosk.offers();
    await kiosk.tapCard(offer);
    await kiosk.look("detail-while-cut");
    await kiosk.press("close");
    await kiosk.stage_is("slate");
    expectEqual(await kiosk.page.locator("[data-condition]").count(), 0, "notices right after the cut");
    await kiosk.page.locator('[data-condition="offline"]').waitFor({ timeout: 60_000 });
    await kiosk.look("offline");
    expectEqual(merged(), 0, "clicks at the centre while the network is cut");
    expect((await metric(shop, "vitrine_outbox_records")) > 0, "records wait in the shop");
    expectEqual(await metric(shop, "vitrine_centre_reachable"), 0, "the centre reachable while cut");

    // Still a shop: one leaves, and the other gets a screen of her own.
    await kiosk.press("leave");
    await shop.steer("Karim", "away");
    await kiosk.mode("tailored", 90_000);
    await kiosk.look("tailored-offline");

    shop.wire.setCut(false);
    await until("the click arrived", () => merged() === 1, { within: 90_000 });
    await kiosk.page.locator('[data-condition="offline"]').waitFor({ state: "detached", timeout: 60_000 });
    await allSent(shop);
    const [click] = recordsOf(shop, "promotion.clicked");
    expectEqual({ offer: click.data.promotion_id, subject: click.subject }, { offer, subject: undefined }, "the group's click");
    const ana = memberOf(shop, "Ana").member;
    await until("her screen of the time without network merged", () => recordsOf(shop, "promotion.viewed").some((each) => each.subject === ana && each.data.mode === "tailored"));
    expectNothingLost(shop);
    kiosk.expectQuiet();
  },
};
