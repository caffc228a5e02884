// Further agents of a shop's centre, each with a name and data of its own.

import { copyFileSync, mkdirSync, symlinkSync } from "node:fs";

import { Shop } from "../../demo/shop.mjs";

export class Twin extends Shop {
  /** Another agent of `shop`; its broker is at `port`. It reports nothing by itself, unless `limits` say otherwise. */
  constructor(shop, agentName, port, limits = {}) {
    super({ bin: shop.bin, ui: shop.ui, dir: shop.path(agentName), radio: 'source = "none"', agentName, limits: { health: 3600, modelDelta: 3600, ...limits } });
    mkdirSync(this.path("log"), { recursive: true });
    symlinkSync(shop.path("central"), this.path("central"));
    copyFileSync(shop.path("users.json"), this.path("users.json"));
    this.wire = { port, close() {} };
  }

  /** The one kiosk that matters. */
  static KIOSK = "kiosk-1";
}
