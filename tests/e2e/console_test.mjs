// Head office: a login, the stores, how far behind they are, and what was merged.

import { PASSWORD } from "../../demo/shop.mjs";
import { until } from "../../demo/processes.mjs";
import { recordsOf } from "./centre.mjs";
import { expect, expectEqual } from "./expect.mjs";
import { DESK } from "./stage.mjs";
import { logIn } from "./staff_test.mjs";

const number = (text) => Number(text.replace(/[^\d]/g, ""));

export default {
  name: "console",
  limit: 240,
  async run(stage) {
    const shop = stage.shop();
    await shop.start();
    const page = await stage.page({ size: DESK });
    await page.goto(shop.centralUrl("/console"));
    await page.locator("form.login").waitFor();
    await stage.shot(page, "login");
    await logIn(page, "marie", "wrong");
    await page.locator(".login-error", { hasText: /\S/ }).waitFor();
    await logIn(page, "marie", PASSWORD);

    const row = page.locator('tr[data-store="lyon"][data-agent="lyon-1"]');
    await row.waitFor();
    const cells = () => row.locator("td").allInnerTexts();
    await until("the shop said to be online", async () => /En ligne/.test((await cells())[1]));
    const records = page.locator(".figures .figure dd").first();
    await until("records merged", async () => number(await records.innerText()) > 0);
    await stage.shot(page, "overview");

    // The figures move by themselves when the shop has news.
    const before = number(await records.innerText());
    await shop.steer("Ana", "kiosk-1");
    await until("more records on the page", async () => number(await records.innerText()) > before + 2, { within: 90_000 });
    await until("the page and the database agree", async () => {
      const [{ merged }] = shop.query("SELECT sum(records) AS merged FROM sources");
      return number(await records.innerText()) === merged;
    });
    const [, , lastSeen, lag, , , , gaps] = await cells();
    expect(/\d/.test(lag), `a lag is shown, not '${lag}'`);
    expect(/\d/.test(lastSeen), `a time is shown, not '${lastSeen}'`);
    expectEqual(number(gaps), 0, "gaps");
    expect(recordsOf(shop, "visit.started").length === 1, "Ana's visit is merged");
    await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
    await stage.shot(page, "below");

    await shop.agent.stop("SIGKILL");
    await until("the shop said to be offline", async () => /Hors ligne/.test((await cells())[1]), { within: 90_000 });
    await page.evaluate(() => window.scrollTo(0, 0));
    await stage.shot(page, "shop-offline");
  },
};
