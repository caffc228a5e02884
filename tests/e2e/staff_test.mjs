// The staff's tablet: a login, and those members present who allow it; each look is recorded.

import { PASSWORD } from "../../demo/shop.mjs";
import { until } from "../../demo/processes.mjs";
import { allSent, memberOf, metric, recordsOf } from "./centre.mjs";
import { expect, expectEqual } from "./expect.mjs";
import { TABLET } from "./stage.mjs";

export async function logIn(page, user, password) {
  await page.fill('input[name="user"]', user);
  await page.fill('input[name="password"]', password);
  await page.click('button[type="submit"]');
}

export default {
  name: "staff",
  limit: 300,
  async run(stage) {
    const shop = stage.shop();
    await shop.start();
    await shop.steer("Ana", "kiosk-1");
    await shop.steer("Karim", "kiosk-2");
    await shop.steer("Lucie", "kiosk-3");
    await until("three members present", async () => (await metric(shop, "vitrine_members_present")) === 3, { within: 90_000 });

    const page = await stage.page({ size: TABLET, touch: true });
    await page.goto(shop.agentUrl("/staff"));
    await page.locator("form.login").waitFor();
    await stage.shot(page, "login");
    expectEqual(await page.locator(".entry").count(), 0, "members shown to nobody in particular");
    await logIn(page, "marie", "not-her-password");
    await page.locator(".login-error", { hasText: /\S/ }).waitFor();
    await stage.shot(page, "wrong-password");
    expectEqual(recordsOf(shop, "staff.viewed"), [], "looks before a login");
    page.problems.length = 0; // The browser itself reports the refused login.

    await logIn(page, "marie", PASSWORD);
    await page.locator('main[data-page="staff"] .board').waitFor();
    const names = () => page.locator(".entry h2").allInnerTexts();
    await until("both who allow it on the board", async () => (await names()).length === 2);
    expectEqual((await names()).sort(), ["Ana", "M. Benali"], "members on the board");
    const html = await page.evaluate(() => document.documentElement.outerHTML);
    expect(!html.includes("Lucie"), "Lucie is not on the board");
    for (const label of ["Ana", "Karim", "Lucie"]) expect(!html.includes(memberOf(shop, label).member), "no pseudonym is in the page");
    expect(html.includes("Aime goûter avant de choisir"), "Ana's wish is on the board");
    await stage.shot(page, "board");

    const pseudonyms = ["Ana", "Karim"].map((label) => memberOf(shop, label).member).sort();
    await until("both looks merged", () => recordsOf(shop, "staff.viewed").length >= 2);
    await allSent(shop);
    expectEqual(recordsOf(shop, "staff.viewed").map((each) => [each.subject, each.data.staff_id]).sort(), pseudonyms.map((each) => [each, "marie"]), "who was looked at, by whom");

    await page.click('[data-action="logout"]');
    await page.locator("form.login").waitFor();
    expectEqual(await page.locator(".entry").count(), 0, "members shown after the logout");
    const board = await page.evaluate(async () => (await fetch("/api/v1/staff/members")).status);
    expectEqual(board, 401, "the board's answer after the logout");
  },
};
