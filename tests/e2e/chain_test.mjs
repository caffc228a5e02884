// The main job once: a labelled walk, heard, recognised, at a kiosk, an offer chosen, shown, touched, kept, sent, merged, learned from,
// and back in the shop.

import { allSent, expectNothingLost, modelInShop, newerModel, recordsOf } from "./centre.mjs";
import { expect, expectEqual } from "./expect.mjs";
import { KioskPage } from "./kiosk_page.mjs";
import { expectOneClick, openFirst, useScreen } from "./visit.mjs";
import { shopOfWalk } from "./walk.mjs";

export default {
  name: "chain",
  limit: 420,
  async run(stage) {
    await stage.browser();
    const { shop, kiosk: id } = shopOfWalk(stage);
    await shop.start();
    const kiosk = await KioskPage.open(stage, shop, id);
    await kiosk.mode("ambient");
    await kiosk.look("ambient");

    await kiosk.mode("tailored", 120_000);
    const model = modelInShop(shop);
    const offer = await openFirst(kiosk);
    const { dismissed } = await useScreen(kiosk, offer);
    await expectOneClick(shop, kiosk, offer);
    stage.say(`Ana tapped offer ${offer}: one click merged under her pseudonym`);

    const newer = await newerModel(shop, model);
    stage.say(`the shop went from model ${model} to ${newer}`);
    await kiosk.press("leave");
    await kiosk.mode("ambient", 120_000);
    await allSent(shop);
    await expectOneClick(shop, kiosk, offer);
    for (const [type, wanted] of [["promotion.saved", offer], ["promotion.dismissed", dismissed], ["promotion.explained", offer]]) {
      expectEqual(recordsOf(shop, type).map((each) => each.data.promotion_id), [wanted], `records ${type}`);
    }
    expectNothingLost(shop);
    kiosk.expectQuiet();
    expectEqual((await kiosk.modes()).filter((mode) => mode === "conflict"), [], "conflicts shown");
    expect(kiosk.page.problems.length === 0, `the page has no problems: ${kiosk.page.problems.join("; ")}`);
  },
};
