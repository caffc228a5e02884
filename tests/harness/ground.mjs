// What every test of whole programs stands on: a fresh folder and shops. Everything that is started here ends with the test.

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { Shop } from "../../demo/shop.mjs";

export class Ground {
  /** `kind` names the family of tests; `places.bin` is the folder of the programs, `places.ui` of the built pages. */
  constructor(kind, name, places) {
    this.name = name;
    this.places = places;
    this.dir = mkdtempSync(path.join(tmpdir(), `vitrine-${kind}-${name}-`));
    this.said = [];
    this.now = "starting";
    this.shops = [];
    this.endings = [];
  }

  /** Words for the reader of the results. */
  say(line) {
    this.said.push(line);
  }

  /** What is going on, for whoever finds the test stuck. */
  get doing() {
    return this.now;
  }

  set doing(what) {
    this.now = what;
    if (process.env.VITRINE_TEST_STEPS) console.log(`${new Date().toISOString().slice(11, 23)}  ${what}`);
  }

  /** Has `end` called when the test is over, last first. */
  atEnd(end) {
    this.endings.push(end);
  }

  /** A shop that is seeded and not yet open. A hundred members are enough for a test. */
  shop(options = {}, Kind = Shop) {
    const dir = path.join(this.dir, `shop-${this.shops.length + 1}`);
    const shop = new Kind({ bin: this.places.bin, ui: this.places.ui, dir, members: 100, ...options });
    mkdirSync(dir);
    this.shops.push(shop);
    this.atEnd(() => shop.stop());
    shop.seed();
    return shop;
  }

  /** Called when the test has failed, before anything ends. */
  async failed() {}

  /** Ends everything, once, whoever asks. */
  end(how) {
    this.ended ??= this.endAll(how);
    return this.ended;
  }

  async endAll({ keep }) {
    for (const end of this.endings.reverse()) await end();
    if (!keep) rmSync(this.dir, { recursive: true });
  }
}
