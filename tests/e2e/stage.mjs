// What one test stands on: a fresh folder, shops, a browser. Everything that is started here ends with the test.

import { mkdirSync } from "node:fs";
import path from "node:path";

import { chromium } from "playwright-core";

import { Ground } from "../harness/ground.mjs";

/** The Chromium that Debian ships, without anything that would reach beyond this machine. */
const BROWSER = {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
};

export const PORTRAIT = { width: 1080, height: 1920 };
export const LANDSCAPE = { width: 1920, height: 1080 };
export const TABLET = { width: 1180, height: 820 };
export const DESK = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

export class Stage extends Ground {
  constructor(name, places) {
    super("e2e", name, places);
    this.pages = [];
    this.shotCount = 0;
  }

  async browser() {
    this.launching ??= chromium.launch(BROWSER);
    return this.launching;
  }

  /** A page of its own profile: no cookie is shared with another. */
  async page({ size = DESK, touch = false } = {}) {
    const browser = await this.browser();
    const context = await browser.newContext({ viewport: size, hasTouch: touch, locale: "fr-FR", timezoneId: "Europe/Paris" });
    const page = await context.newPage();
    page.problems = [];
    page.on("pageerror", (error) => page.problems.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") page.problems.push(`${message.text()} (${message.location().url})`);
    });
    this.pages.push(page);
    return page;
  }

  /** A picture of the page into build/e2e-shots. */
  async shot(page, name) {
    this.doing = `a picture, ${name}`;
    mkdirSync(this.places.shots, { recursive: true });
    this.shotCount += 1;
    const file = `${this.name}-${String(this.shotCount).padStart(2, "0")}-${name}.png`;
    await page.evaluate(() => Promise.allSettled(document.getAnimations().filter((one) => one.effect?.getComputedTiming().endTime !== Infinity).map((one) => one.finished)));
    await page.screenshot({ path: path.join(this.places.shots, file) });
  }

  async shotsOfAll(name) {
    for (const page of this.pages) if (!page.isClosed()) await this.shot(page, name);
  }

  failed() {
    return this.shotsOfAll("failed");
  }

  async endAll(how) {
    if (this.launching) await (await this.launching).close();
    await super.endAll(how);
  }
}
