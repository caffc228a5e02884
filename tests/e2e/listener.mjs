// Somebody at the broker who hears everything, as it is.

import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

import { Program, until } from "../../demo/processes.mjs";

export class Listener {
  constructor(shop, file) {
    this.file = file;
    this.port = shop.brokerPort;
    // The payload in hexadecimal: some are not text.
    this.program = new Program("listener", "mosquitto_sub", ["-h", "127.0.0.1", "-p", String(this.port), "-t", "#", "-F", "%t %x"], { log: file });
  }

  /** Resolves once it hears: a message of its own comes back. */
  async start() {
    const { execFile } = await import("node:child_process");
    this.program.start();
    await until("the listener hears", async () => {
      execFile("mosquitto_pub", ["-h", "127.0.0.1", "-p", String(this.port), "-t", "listener/test", "-m", "hello"]);
      for await (const { topic } of this.messages()) if (topic === "listener/test") return true;
      return false;
    }, { every: 500 });
    return this;
  }

  /** What was heard so far, first to last. */
  async *messages() {
    for await (const line of createInterface({ input: createReadStream(this.file), crlfDelay: Infinity })) {
      const split = line.lastIndexOf(" ");
      if (split < 0) continue;
      yield { topic: line.slice(0, split), payload: Buffer.from(line.slice(split + 1), "hex") };
    }
  }

  stop() {
    return this.program.stop();
  }
}
