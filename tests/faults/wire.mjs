// A way between a client and the broker that knows MQTT's packets: it counts what goes up, delays, doubles, cuts in the middle of a packet,
// swallows.

import { spawn } from "node:child_process";
import net from "node:net";

import { sleep, Wire } from "../../demo/processes.mjs";
import { PUBLISH, readPublish, Splitter } from "./mqtt.mjs";

/** Unpacks a batch as the agent sends it. */
function unpacked(bytes) {
  return new Promise((resolve, reject) => {
    const program = spawn("zstd", ["-dcq"], { stdio: ["pipe", "pipe", "ignore"] });
    const pieces = [];
    program.once("error", reject);
    program.stdin.on("error", reject);
    program.stdout.on("data", (piece) => pieces.push(piece));
    program.stdout.on("end", () => resolve(Buffer.concat(pieces)));
    program.stdin.end(bytes);
  });
}

/**
 * Faults, all changed at any time: `delay` ms each way; `doubled` share of whole PUBLISH packets that go twice; `torn` share of packets
 * after whose first half the connection ends; `swallows`: nothing arrives any more, and nobody is told.
 */
export class MqttWire extends Wire {
  constructor(target, random = Math.random) {
    super(target);
    Object.assign(this, { random, delay: 0, doubled: 0, torn: 0, swallows: false });
    this.due = { torn: 0, doubled: 0 };
    this.counts = { packets: 0, doubled: 0, torn: 0, connections: 0 };
    this.batches = [];
  }

  join(socket) {
    if (this.cut) return socket.destroy();
    ++this.counts.connections;
    const other = net.connect(this.target, "127.0.0.1");
    this.carry(socket, other, true);
    this.carry(other, socket, false);
  }

  carry(one, two, isUp) {
    this.sockets.add(one);
    const splitter = new Splitter();
    let line = Promise.resolve(); // Order is kept whatever the delay.
    one.setNoDelay(true);
    one.on("error", () => {});
    one.on("close", () => {
      this.sockets.delete(one);
      line = line.then(() => two.destroy());
    });
    one.on("data", (bytes) => {
      for (const each of splitter.push(bytes)) line = line.then(() => this.pass(each, one, two, isUp));
    });
  }

  /** Spreads the share of a fault evenly over the packets: a few packets have their faults too. */
  strikes(fault) {
    this.due[fault] += this[fault];
    if (this.due[fault] < 1) return false;
    this.due[fault] -= 1;
    return true;
  }

  async pass(each, one, two, isUp) {
    if (this.delay > 0) await sleep(this.delay * (0.5 + this.random()));
    if (this.swallows || two.destroyed) return;
    ++this.counts.packets;
    if (this.torn > 0 && each.bytes.length > 4 && this.strikes("torn")) {
      ++this.counts.torn;
      two.write(each.bytes.subarray(0, Math.floor(each.bytes.length / 2)), () => two.destroy());
      one.destroy();
      return;
    }
    const isPublish = each.type === PUBLISH;
    if (isPublish && isUp) this.note(each);
    if (!two.write(each.bytes)) await new Promise((resolve) => two.once("drain", resolve).once("close", resolve));
    if (isPublish && this.strikes("doubled")) {
      ++this.counts.doubled;
      if (isUp) this.note(each);
      two.write(each.bytes);
    }
  }

  note(each) {
    const { topic, user, payload } = readPublish(each);
    if (topic.endsWith("/up")) this.batches.push({ packed: user["content-encoding"] === "zstd", payload: Buffer.from(payload) });
  }

  /** How many records went up, and how many of them for the first time: { sent, distinct }. */
  async tally() {
    const seen = new Set();
    let sent = 0;
    for (const { packed, payload } of this.batches) {
      const events = JSON.parse(packed ? await unpacked(payload) : payload);
      for (const { id } of Array.isArray(events) ? events : [events]) {
        ++sent;
        seen.add(id);
      }
    }
    return { sent, distinct: seen.size };
  }
}
