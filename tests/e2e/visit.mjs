// One visit at a kiosk, touch by touch: what the chain and the broken chain have in common.

import { until } from "../../demo/processes.mjs";
import { memberOf, recordsOf } from "./centre.mjs";
import { expect, expectEqual } from "./expect.mjs";

/** Taps the first card, and sees its detail. Returns the offer. */
export async function openFirst(kiosk) {
  const offers = await kiosk.offers();
  expect(offers.length >= 1 && offers.length <= 3, `a tailored screen shows one to three offers, not ${offers.length}`);
  await kiosk.look("tailored");
  await kiosk.tapCard(offers[0]);
  await kiosk.look("detail");
  return offers[0];
}

/** Asks why, closes, saves, closes the code, and waves another offer away. */
export async function useScreen(kiosk, offer) {
  const { page } = kiosk;
  await kiosk.press("why", offer);
  await kiosk.stage_is("why");
  expect((await page.locator(".layer:not(.leaving) .reasons li").count()) >= 1, "a reason is given");
  await kiosk.look("why");
  await kiosk.press("close");
  await kiosk.stage_is("detail");
  await kiosk.press("save", offer);
  await kiosk.stage_is("code");
  const url = await kiosk.readCode();
  expect(/^http:\/\/127\.0\.0\.1:\d+\/c\/[\w-]{16,}$/.test(url), `the code leads to a claim of this agent, not to ${url}`);
  await kiosk.look("qr");
  await kiosk.press("unsave", offer);
  await kiosk.stage_is("slate");

  const others = (await kiosk.offers()).filter((each) => each !== offer);
  expect(others.length > 0, "another offer is there to wave away");
  await kiosk.press("dismiss", others[0]);
  await until("the dismissed offer gone and a new choice in its place", () => kiosk.watch.screen.cards.every((card) => card.offer !== others[0]));
  await page.locator(`.layer:not(.leaving) .offer[data-offer="${others[0]}"]`).waitFor({ state: "detached" });
  await kiosk.look("dismissed");
  return { url, dismissed: others[0] };
}

/** Exactly one click was merged: of this offer, under Ana's pseudonym. */
export async function expectOneClick(shop, kiosk, offer) {
  await until("the tap merged at the centre", () => recordsOf(shop, "promotion.clicked").length > 0, { within: 60_000 });
  const clicks = recordsOf(shop, "promotion.clicked").map((each) => ({
    offer: each.data.promotion_id,
    subject: each.subject,
    mergedUnder: each.mergedUnder,
    kiosk: each.kiosk,
  }));
  const ana = memberOf(shop, "Ana").member;
  expectEqual(clicks, [{ offer, subject: ana, mergedUnder: ana, kiosk: kiosk.id }], "clicks merged at the centre");
}
