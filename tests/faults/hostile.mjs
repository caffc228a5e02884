// A broker that means no good. What each kind does is in KINDS; after `reform()` it is a plain way to an honest one.

import net from "node:net";

import * as mqtt from "./mqtt.mjs";

const u32 = (value) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** One connection: packets come in, answers go out. A kind may take any of the steps over. */
class Visit {
  constructor(broker, socket) {
    Object.assign(this, { broker, socket, splitter: new mqtt.Splitter(), timers: [] });
    socket.on("error", () => {});
    socket.on("close", () => this.timers.forEach(clearInterval));
    socket.on("data", (bytes) => {
      try {
        for (const each of this.splitter.push(bytes)) this.take(each);
      } catch (error) {
        broker.trouble.push(error.message);
      }
    });
  }

  send(...packets) {
    if (!this.socket.destroyed) this.socket.write(Buffer.concat(packets));
  }

  every(ms, work) {
    this.timers.push(setInterval(work, ms));
  }

  take(each) {
    const { kind } = this.broker;
    if (each.type === mqtt.CONNECT) {
      this.client = mqtt.clientOf(each);
      (kind.connect ?? ((visit) => visit.send(mqtt.connack())))(this);
    } else if (each.type === mqtt.SUBSCRIBE) {
      const { id, filters } = mqtt.readSubscribe(each);
      (kind.subscribe ?? ((visit) => visit.send(mqtt.suback(id, ...filters.map(() => 1)))))(this, id, filters);
    } else if (each.type === mqtt.PUBLISH) {
      const message = mqtt.readPublish(each);
      ++this.broker.published;
      if (message.qos > 0) (kind.publish ?? ((visit) => visit.send(mqtt.puback(message.id))))(this, message);
    } else if (each.type === mqtt.PINGREQ) this.send(mqtt.packet(mqtt.PINGRESP, 0, Buffer.alloc(0)));
  }
}

export class HostileBroker {
  /** `honest`: the port of the broker that it becomes. */
  static async listen(kind, honest, random) {
    const broker = new HostileBroker();
    Object.assign(broker, { kind, honest, random, visits: 0, published: 0, trouble: [], sockets: new Set(), reformed: false });
    broker.server = net.createServer((socket) => broker.receive(socket));
    await new Promise((resolve) => broker.server.listen(0, "127.0.0.1", resolve));
    broker.port = broker.server.address().port;
    return broker;
  }

  receive(socket) {
    this.sockets.add(socket);
    socket.on("close", () => this.sockets.delete(socket));
    if (!this.reformed) {
      ++this.visits;
      new Visit(this, socket);
      return;
    }
    const other = net.connect(this.honest, "127.0.0.1");
    for (const [one, two] of [[socket, other], [other, socket]]) {
      one.on("error", () => {});
      one.on("close", () => two.destroy());
      one.pipe(two);
    }
  }

  turn(reformed) {
    this.reformed = reformed;
    for (const socket of this.sockets) socket.destroy();
  }

  close() {
    this.turn(this.reformed);
    this.server.close();
  }
}

const noise = (random, size) => Buffer.from(Array.from({ length: size }, () => Math.floor(256 * random())));
const topicOf = (visit, leaf) => `vitrine/v1/halle/lyon/${leaf.replace("{agent}", visit.broker.agent)}`;
const ack = (visit, epoch, watermark, ranges = []) => mqtt.publish(topicOf(visit, "agents/{agent}/ack"), JSON.stringify({ agent: visit.broker.agent, epoch, watermark, ranges }));

/** Polite up to the first subscription, then this. */
const then = (work) => ({
  subscribe(visit, id, filters) {
    visit.send(mqtt.suback(id, ...filters.map(() => 1)));
    if (!visit.begun) {
      visit.begun = true;
      work(visit);
    }
  },
});

/** `captured`: messages of the honest broker, some of them older than what the agent has applied. `says`: what the agent's log must say. */
export const kindsOf = (captured) => ({
  noise: { connect: (visit) => visit.send(noise(visit.broker.random, 2000)) },
  "noise-later": then((visit) => {
    const { random } = visit.broker;
    visit.every(20, () => visit.send(mqtt.packet(Math.floor(16 * random()), Math.floor(16 * random()), noise(random, Math.floor(60 * random())))));
  }),
  "endless-length": then((visit) => visit.send(Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0xff]))),
  oversized: then((visit) => {
    visit.send(Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f, 0x00, 0x10])); // 256 MB are announced, and a quarter of them comes.
    visit.every(5, () => visit.socket.bytesWritten < 64 << 20 && visit.send(Buffer.alloc(1 << 18)));
  }),
  "broken-fields": then((visit) => visit.send(Buffer.from([0x32, 0x05, 0x00, 0x40, 0x61, 0x61, 0x61]), Buffer.from([0x30, 0x02, 0xff, 0xff]), Buffer.from([0x30, 0x05, 0x00, 0x01, 0x61, 0x7f, 0x26]))),
  "refuses-batches": { publish: (visit, { id }) => visit.send(mqtt.puback(id, 0x97)), says: "batch refused by the broker" },
  "wrong-ids": {
    publish: (visit, { id }) => visit.send(mqtt.puback((id + 1000) % 65_535 || 1), mqtt.puback(id), mqtt.puback(id), mqtt.puback((id % 60_000) + 1, 0x92)),
    subscribe: (visit, id, filters) => visit.send(mqtt.suback((id + 7) % 65_535 || 1, 1), mqtt.suback(id, ...filters.map(() => 1)), mqtt.suback(id, 1, 1, 1, 1)),
  },
  "false-acks": {
    ...then((visit) => {
      const words = ["", "{}", "[]", "null", '{"agent":"lyon-1"}', `{"agent":"${visit.broker.agent}","epoch":"5f00000000000001","watermark":-1,"ranges":[]}`, "{".repeat(5000)];
      for (const word of words) visit.send(mqtt.publish(topicOf(visit, "agents/{agent}/ack"), word));
      visit.every(50, () => visit.send(ack(visit, "5f00000000000001", 2 ** 53 - 1), ack(visit, "0000000000000001", 1e9, [[1e9 + 2, 2e9]]), mqtt.publish(topicOf(visit, "agents/somebody/ack"), "{}")));
    }),
    says: "acknowledgement cannot be read",
  },
  forger: {
    ...then((visit) => {
      for (const { topic, payload } of captured.newer) {
        const bent = Buffer.from(payload);
        bent[Math.floor(bent.length / 2)] ^= 1;
        visit.send(mqtt.publish(topic, bent, { qos: 1, id: 3, retain: true }));
        if (topic.endsWith("/manifest")) visit.send(mqtt.publish(topic, captured.sign(payload), { qos: 1, id: 4, retain: true }), mqtt.publish(topic.replace("catalogue", "policy"), payload));
      }
      const chunks = captured.newer.filter(({ topic }) => /\/\d+$/.test(topic));
      for (const [i, { topic }] of chunks.entries()) visit.send(mqtt.publish(topic, chunks[(i + 1) % chunks.length].payload, { qos: 1, id: 5, retain: true }));
    }),
    says: "bundle refused",
  },
  "rolls-back": { ...then((visit) => captured.older.forEach(({ topic, payload }) => visit.send(mqtt.publish(topic, payload, { qos: 1, id: 6, retain: true })))), says: "bundle refused" },
  flood: then((visit) => {
    let n = 0;
    const chunk = noise(visit.broker.random, 120 << 10);
    visit.every(2, () => {
      for (let i = 0; i < 4 && visit.socket.writableLength < 4 << 20; ++i) {
        n += 1;
        visit.send(mqtt.publish(topicOf(visit, `down/catalogue/${1_000_000 + n}/${n % 7}`), chunk, { qos: 1, id: (n % 65_000) + 1, retain: true }), mqtt.publish(`vitrine/v1/halle/lyon/nothing/${n}`, "x", { retain: true }));
      }
      visit.broker.flooded = n * chunk.length;
    });
  }),
  "hangs-up": { connect: (visit) => (visit.send(mqtt.connack(), mqtt.packet(mqtt.DISCONNECT, 0, Buffer.from([0x8b, 0]))), setTimeout(() => visit.socket.destroy(), 10)) },
  "turns-away": { connect: (visit) => (visit.send(mqtt.connack(visit.broker.visits % 2 === 0 ? 0x87 : 0x88)), setTimeout(() => visit.socket.destroy(), 10)), says: "trouble with the broker" },
  "refuses-subscriptions": { subscribe: (visit, id, filters) => visit.send(mqtt.suback(id, ...filters.map(() => 0x87))), says: "' refused: " },
  "tiny-packets": { connect: (visit) => visit.send(mqtt.connack(0, Buffer.concat([Buffer.from([0x27]), u32(120), Buffer.from([0x21]), mqtt.u16(1)]))) },
  silent: { connect: () => {} },
});
