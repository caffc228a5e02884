// A till of the shop, or what stands between it and the broker (docs/sync.md, "What a till tells").

import { execFile } from "node:child_process";

export class Till {
  constructor(shop, name) {
    Object.assign(this, { shop, name, receipts: 0 });
    this.topic = `vitrine/v1/halle/lyon/till/${name}`;
  }

  /** A receipt of these lines; `member` is the card that was shown. */
  receipt({ member, lines, promotions }) {
    this.receipts += 1;
    return {
      specversion: "1.0",
      id: `T-${this.receipts}`,
      source: `/stores/lyon/tills/${this.name}`,
      type: "vitrine.order.completed.v1",
      time: new Date().toISOString(),
      ...(member ? { subject: member } : {}),
      data: { order_id: `lyon/${this.name}/${this.receipts}`, lines, ...(promotions ? { promotions } : {}) },
    };
  }

  /** Resolves once the broker has it: QoS 1. `what` is an object, or bytes as they are. */
  tell(what, topic = this.topic) {
    return new Promise((resolve, reject) => {
      const words = ["-h", "127.0.0.1", "-p", String(this.shop.brokerPort), "-V", "mqttv5", "-q", "1", "-t", topic, "-s"];
      const program = execFile("mosquitto_pub", words, (error) => (error ? reject(error) : resolve()));
      program.stdin.end(Buffer.isBuffer(what) || typeof what === "string" ? what : JSON.stringify(what));
    });
  }
}
