// The code on a kiosk is for one phone, once.

import { until } from "../../demo/processes.mjs";
import { allSent, memberOf, recordsOf } from "./centre.mjs";
import { expectEqual } from "./expect.mjs";
import { KioskPage } from "./kiosk_page.mjs";
import { PHONE } from "./stage.mjs";

export default {
  name: "claims",
  limit: 300,
  async run(stage) {
    const shop = stage.shop();
    await shop.start();
    const kiosk = await KioskPage.open(stage, shop, "kiosk-2");
    await kiosk.mode("ambient");
    await shop.steer("Ana", "kiosk-2");
    await kiosk.mode("tailored");
    const [offer] = await kiosk.offers();
    await kiosk.tapCard(offer);
    await kiosk.press("save", offer);
    const url = await kiosk.readCode();

    const phone = await stage.page({ size: PHONE, touch: true });
    await phone.goto(url);
    await phone.locator('.voucher[data-state="ready"]').waitFor();
    await stage.shot(phone, "ready");
    // Another phone looked at the same moment.
    const second = await stage.page({ size: PHONE, touch: true });
    await second.goto(url);
    await second.locator('.voucher[data-state="ready"]').waitFor();
    kiosk.expectNobodyNamed("the phone's page", await phone.evaluate(() => document.documentElement.outerHTML));
    expectEqual(recordsOf(shop, "coupon.claimed"), [], "claims after a mere look");
    await phone.locator('[data-action="claim"]').tap();
    await phone.locator('.voucher[data-state="yours"]').waitFor();
    await stage.shot(phone, "yours");
    await until("the code gone from the kiosk", () => kiosk.watch.screen.claim === null);
    await kiosk.page.locator(".layer:not(.leaving) svg.qr").waitFor({ state: "detached" });

    await second.locator('[data-action="claim"]').tap();
    await second.locator('.voucher[data-state="used"]').waitFor();
    await second.reload();
    await second.locator('.voucher[data-state="used"]').waitFor();
    expectEqual(await second.locator('[data-action="claim"]').count(), 0, "buttons to claim what was claimed");
    await stage.shot(second, "used");
    const answer = await second.evaluate(async (path) => (await fetch(path, { method: "POST", headers: { "X-Vitrine": "1", "Content-Type": "application/json" }, body: "{}" })).json(), new URL(url).pathname.replace("/c/", "/api/v1/claims/"));
    expectEqual({ state: answer.state, code: answer.code ?? "" }, { state: "used", code: "" }, "a second claim past the page");

    await until("the claim merged", () => recordsOf(shop, "coupon.claimed").length > 0);
    await allSent(shop);
    expectEqual(recordsOf(shop, "coupon.claimed").map((each) => [each.data.promotion_id, each.subject]), [[offer, memberOf(shop, "Ana").member]], "claims merged");
    kiosk.expectQuiet();
  },
};
