// A kiosk in a real browser, used as a visitor would: by touching it.

import { watchScreen } from "../../demo/check.mjs";
import { SHOPPERS } from "../../demo/members.mjs";
import { until } from "../../demo/processes.mjs";
import { expect, expectEqual } from "./expect.mjs";
import { PORTRAIT } from "./stage.mjs";

const TOP = ".stage > .fade > .layer:not(.leaving)";

/** Runs in the page from its first moment: every mode that it ever showed. */
function rememberModes() {
  window.shownModes = [];
  new MutationObserver(() => {
    const mode = document.querySelector(".kiosk")?.dataset.mode;
    if (mode && mode !== "none" && window.shownModes.at(-1) !== mode) window.shownModes.push(mode);
  }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-mode"] });
}

/** What names a member, in every spelling that could slip out (REQUIREMENTS P1). */
function namesOf(shop) {
  const names = [];
  for (const [index, row] of shop.data.members.entries()) {
    const id = BigInt(`0x${row.member}`);
    names.push([row.member, "a pseudonym"], [row.identity_key, "an identity key"], [String(id), "a pseudonym in decimal"]);
    names.push([String(BigInt.asIntN(64, id)), "a pseudonym in decimal"]);
    if (row.calls_me) names.push([row.calls_me, "a name"]);
    if (row.wishes) names.push([row.wishes, "a wish"]);
    if (index < SHOPPERS.length) names.push([SHOPPERS[index].label, "a name"]);
  }
  return names.map(([text, what]) => [new RegExp(`(?<![\\p{L}\\d])${text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\p{L}\\d])`, /^[0-9a-f]+$/.test(text) ? "iu" : "u"), what]);
}

export class KioskPage {
  constructor(stage, shop, id, page) {
    Object.assign(this, { stage, shop, id, page, requests: [], names: namesOf(shop) });
  }

  /** Opens the kiosk's page and follows its stream beside it. */
  static async open(stage, shop, id, { size = PORTRAIT } = {}) {
    stage.doing = `opening the page of ${id}`;
    const page = await stage.page({ size, touch: true });
    const kiosk = new KioskPage(stage, shop, id, page);
    page.on("request", (request) => kiosk.requests.push(`${request.method()} ${request.url()} ${request.postData() ?? ""}`));
    await page.addInitScript(rememberModes);
    await page.goto(shop.agentUrl(`/kiosk/${id}`));
    stage.doing = `following the stream of ${id}`;
    kiosk.watch = await watchScreen(shop, id);
    stage.atEnd(() => kiosk.watch.close());
    return kiosk;
  }

  /** Listens to the stream anew, after the agent was restarted. */
  async watchAgain() {
    this.watch.close();
    this.watch = await watchScreen(this.shop, this.id);
  }

  /** Waits until the page shows this mode with something in it. */
  async mode(mode, within = 60_000) {
    this.stage.doing = `${this.id} is to show ${mode}`;
    const cards = mode === "ambient" ? ".ambient .hero" : ".slate .offer";
    await this.page.locator(`.kiosk[data-mode="${mode}"] ${TOP} ${cards}`).first().waitFor({ timeout: within }).catch(() => {
      throw new Error(`${this.id} does not show ${mode} within ${within / 1000} s`);
    });
  }

  modes() {
    return this.page.evaluate(() => window.shownModes);
  }

  stage_is(name) {
    this.stage.doing = `${this.id} is to show the view ${name}`;
    return this.page.locator(`.kiosk[data-stage="${name}"] ${TOP}`).waitFor();
  }

  /** The offers on the screen, first to last. */
  offers() {
    return this.page.locator(`${TOP} .offer`).evaluateAll((cards) => cards.map((card) => Number(card.dataset.offer)));
  }

  /** A finger in the middle of a card. */
  async tapCard(offer) {
    const card = this.page.locator(`${TOP} .offer[data-offer="${offer}"]`);
    await card.scrollIntoViewIfNeeded();
    const box = await card.boundingBox();
    await this.page.touchscreen.tap(box.x + box.width / 2, box.y + box.height / 3);
    await this.stage_is("detail");
  }

  async press(action, offer) {
    this.stage.doing = `the button ${action} is pressed`;
    const which = offer === undefined ? "" : `[data-offer="${offer}"]`;
    await this.page.locator(`${TOP} [data-action="${action}"]${which}, .controls [data-action="${action}"]${which}`).first().tap();
  }

  /** A picture, and the promise that nothing in the page names anyone. */
  async look(name) {
    const { page } = this;
    await this.stage.shot(page, name);
    this.expectNobodyNamed("the page", await page.evaluate(() => document.documentElement.outerHTML));
    this.expectNobodyNamed("the page's address", page.url());
  }

  expectNobodyNamed(where, text) {
    for (const [name, what] of this.names) {
      const found = name.exec(text);
      expect(!found, `${where} holds no member's identity, but there is ${what}: …${text.slice(Math.max(0, (found?.index ?? 0) - 60), (found?.index ?? 0) + 60)}…`);
    }
  }

  /** To be called at the end of a test. */
  expectQuiet() {
    for (const request of this.requests) this.expectNobodyNamed("a request", request);
    this.expectNobodyNamed("the stream", JSON.stringify(this.watch.screen));
    const foreign = this.requests.filter((request) => !request.includes(` ${this.shop.agentUrl("/")}`) && !/ (data|blob):/.test(request));
    expectEqual(foreign, [], "requests to another place than the agent");
  }

  /** What a phone's camera reads from the screen. */
  async readCode() {
    await this.page.locator(`${TOP} svg.qr`).waitFor();
    await this.stage.shot(this.page, "code");
    const { readQr } = await import("./camera.mjs");
    const url = await until("a code that can be read", async () => readQr(this.stage, await this.page.locator(`${TOP} svg.qr`).screenshot()));
    this.expectNobodyNamed("the code", url);
    return url;
  }
}
