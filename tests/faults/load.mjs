// Visitors who do not tire: several hands on every kiosk, and a ledger of what the shop told them that it took.

import http from "node:http";

import { sleep, until } from "../../demo/processes.mjs";

const HOST = "127.0.0.1";

/**
 * What was said to the visitors. A touch that was answered with 204 is *accepted*; one whose answer never came, because its agent was
 * killed, or that was answered with 503, because its disk fails, is *open*: it may count or not, and at most once.
 */
export class Ledger {
  constructor() {
    this.accepted = new Map();
    this.open = new Map();
  }

  add(kind, key) {
    this[kind].set(key, (this[kind].get(key) ?? 0) + 1);
  }

  /** Takes over what is in another one. */
  join(other) {
    for (const kind of ["accepted", "open"]) for (const [key, n] of other[kind]) this[kind].set(key, (this[kind].get(key) ?? 0) + n);
  }

  total(kind) {
    return [...this[kind].values()].reduce((sum, each) => sum + each, 0);
  }
}

/** Keys of the ledger: what a record at the centre is recognised by. */
export const keyOf = (type, decision, offer) => `${type} ${decision} ${offer}`;

export class Load {
  /** `hands`: touches under way at the same time on each kiosk; `pause`: ms between two touches of a hand; `watched`: kiosks to follow only. */
  constructor(shop, kiosks, { hands = 2, pause = 0, watched = [], kinds = ["why", "why", "why", "open", "save"] } = {}) {
    Object.assign(this, { shop, kiosks, watched, hands, pause, kinds });
    this.ledger = new Ledger();
    this.screens = new Map();
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
    this.unkept = 0;
    this.slowest = 0;
  }

  /** Returns once every kiosk has something to touch, and touches go on. */
  async start() {
    this.going = true;
    this.working = [...[...this.kiosks, ...this.watched].map((kiosk) => this.watch(kiosk)), ...this.kiosks.flatMap((kiosk) => Array.from({ length: this.hands }, () => this.touchOn(kiosk)))];
    await until("cards on every kiosk", () => this.kiosks.every((kiosk) => this.screens.get(kiosk)?.cards?.length > 0), { every: 20 });
    return this;
  }

  async stop() {
    this.going = false;
    for (const stream of this.streams ?? []) stream.destroy();
    await Promise.all(this.working);
    this.agent.destroy();
    return this.ledger;
  }

  /** Follows a kiosk's screen, again after every end of the stream. */
  async watch(kiosk) {
    while (this.going) {
      await new Promise((resolve) => {
        const request = http.get({ host: HOST, port: this.shop.agentPort, path: `/events/kiosk/${kiosk}`, headers: { Accept: "text/event-stream" } }, (response) => {
          let text = "";
          response.setEncoding("utf8");
          response.on("data", (piece) => {
            text += piece;
            for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
              const data = text.slice(0, end).split("\n").filter((line) => line.startsWith("data:")).map((line) => line.slice(5)).join("\n");
              text = text.slice(end + 2);
              if (data.trim().startsWith("{")) this.screens.set(kiosk, JSON.parse(data));
            }
          });
          response.on("close", resolve);
          response.on("error", resolve);
        });
        (this.streams ??= new Set()).add(request);
        request.on("close", () => this.streams.delete(request));
        request.on("error", resolve);
      });
      this.screens.delete(kiosk);
      await sleep(30);
    }
  }

  /** Resolves with the status, or 0 where no answer came. */
  post(path, body) {
    const began = Date.now();
    return new Promise((resolve) => {
      const request = http.request({ host: HOST, port: this.shop.agentPort, path, method: "POST", agent: this.agent, headers: { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) } }, (response) => {
        response.resume();
        response.on("end", () => {
          this.slowest = Math.max(this.slowest, Date.now() - began);
          resolve({ status: response.statusCode });
        });
        response.on("error", () => resolve({ status: response.statusCode === 204 ? 204 : 0 }));
      });
      // A connection that was never made has carried nothing.
      request.on("error", (error) => resolve({ status: 0, unsent: error.code === "ECONNREFUSED" }));
      request.end(body);
    });
  }

  async touchOn(kiosk) {
    const TYPES = { why: "explained", open: "clicked", save: "saved" };
    for (let n = 0; this.going; ++n) {
      const screen = this.screens.get(kiosk);
      if (!screen?.cards?.length) {
        await sleep(20);
        continue;
      }
      const kind = this.kinds[n % this.kinds.length];
      const { offer } = screen.cards[n % screen.cards.length];
      const key = keyOf(TYPES[kind], screen.decision, offer);
      // A second tap on a card is one record with the first: it is tapped once.
      if (kind === "open" && (this.ledger.accepted.has(key) || this.ledger.open.has(key))) continue;
      if (kind === "open") this.ledger.open.set(key, 0); // Nobody else may tap it meanwhile.
      const { status, unsent } = await this.post(`/api/v1/kiosks/${kiosk}/touches`, JSON.stringify({ decision: screen.decision, kind, offer }));
      if (status === 204) this.ledger.add("accepted", key);
      else if (status === 503 || (status === 0 && !unsent)) this.ledger.add("open", key);
      if (status === 503) ++this.unkept;
      if (status !== 204) await sleep(20);
      if (this.pause > 0) await sleep(this.pause);
    }
  }
}
