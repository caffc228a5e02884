// As much of MQTT 5 as it takes to stand between a client and a broker, to be a broker, and to be a client: packets as bytes and back.

import net from "node:net";
import tls from "node:tls";

export const CONNECT = 1;
export const CONNACK = 2;
export const PUBLISH = 3;
export const PUBACK = 4;
export const SUBSCRIBE = 8;
export const SUBACK = 9;
export const PINGREQ = 12;
export const PINGRESP = 13;
export const DISCONNECT = 14;

export function varint(value) {
  const bytes = [];
  do {
    const more = value > 127;
    bytes.push((value & 127) | (more ? 128 : 0));
    value >>>= 7;
  } while (value > 0);
  return Buffer.from(bytes);
}

/** `{ value, next }`, or undefined where the bytes end too early. */
function readVarint(bytes, at) {
  let value = 0;
  for (let i = 0; i < 4; ++i) {
    if (at + i >= bytes.length) return undefined;
    value += (bytes[at + i] & 127) * 128 ** i;
    if (bytes[at + i] < 128) return { value, next: at + i + 1 };
  }
  throw new Error("a length of more than four bytes");
}

export function text(words) {
  const bytes = Buffer.from(words);
  return Buffer.concat([u16(bytes.length), bytes]);
}

export function u16(value) {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

export const packet = (type, flags, body) => Buffer.concat([Buffer.from([(type << 4) | flags]), varint(body.length), body]);

/** Cuts a stream of bytes into whole packets. */
export class Splitter {
  constructor() {
    this.rest = Buffer.alloc(0);
  }

  push(bytes) {
    this.rest = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
    const packets = [];
    for (;;) {
      const size = this.rest.length < 2 ? undefined : readVarint(this.rest, 1);
      if (!size || this.rest.length < size.next + size.value) return packets;
      const end = size.next + size.value;
      packets.push({ type: this.rest[0] >> 4, flags: this.rest[0] & 15, body: this.rest.subarray(size.next, end), bytes: this.rest.subarray(0, end) });
      this.rest = this.rest.subarray(end);
    }
  }
}

/** Those user properties that a PUBLISH carries; other properties are skipped. */
function userProperties(bytes) {
  const WIDTHS = { 1: 1, 2: 4, 35: 2 }; // payload format, expiry, topic alias
  const properties = {};
  for (let at = 0; at < bytes.length; ) {
    const id = bytes[at++];
    const string = () => {
      const size = bytes.readUInt16BE(at);
      at += 2 + size;
      return bytes.toString("utf8", at - size, at);
    };
    if (id === 38) {
      const name = string();
      properties[name] = string();
    } else if (id === 3 || id === 8 || id === 9) string();
    else if (id === 11) at = readVarint(bytes, at).next;
    else if (WIDTHS[id]) at += WIDTHS[id];
    else throw new Error(`property ${id} in a PUBLISH`);
  }
  return properties;
}

export function readPublish({ flags, body }) {
  const size = body.readUInt16BE(0);
  const qos = (flags >> 1) & 3;
  let at = 2 + size;
  const id = qos > 0 ? body.readUInt16BE(at) : 0;
  if (qos > 0) at += 2;
  const properties = readVarint(body, at);
  const payload = properties.next + properties.value;
  return { topic: body.toString("utf8", 2, 2 + size), qos, id, retain: (flags & 1) === 1, user: userProperties(body.subarray(properties.next, payload)), payload: body.subarray(payload) };
}

export function publish(topic, payload, { qos = 0, id = 1, retain = false, user = {}, type = "" } = {}) {
  const contentType = type ? [Buffer.from([3]), text(type)] : [];
  const properties = Buffer.concat([...contentType, ...Object.entries(user).map(([name, value]) => Buffer.concat([Buffer.from([38]), text(name), text(value)]))]);
  return packet(PUBLISH, (qos << 1) | (retain ? 1 : 0), Buffer.concat([text(topic), qos > 0 ? u16(id) : Buffer.alloc(0), varint(properties.length), properties, Buffer.from(payload)]));
}

/** `properties`: the bytes of a CONNACK's properties. */
export const connack = (reason = 0, properties = Buffer.alloc(0)) => packet(CONNACK, 0, Buffer.concat([Buffer.from([0, reason]), varint(properties.length), properties]));
export const puback = (id, reason = 0) => packet(PUBACK, 0, reason === 0 ? u16(id) : Buffer.concat([u16(id), Buffer.from([reason, 0])]));
export const suback = (id, ...reasons) => packet(SUBACK, 0, Buffer.concat([u16(id), Buffer.from([0, ...reasons])]));

/** The name that a client gives itself. */
export const clientOf = ({ body }) => {
  const at = 6 + 1 + 1 + 2; // "MQTT", version, flags, keep-alive
  const properties = readVarint(body, at);
  const name = properties.next + properties.value;
  return body.toString("utf8", name + 2, name + 2 + body.readUInt16BE(name));
};

/** `{ id, filters }` of a SUBSCRIBE. */
export function readSubscribe({ body }) {
  const properties = readVarint(body, 2);
  const filters = [];
  for (let at = properties.next + properties.value; at < body.length; ) {
    const size = body.readUInt16BE(at);
    filters.push(body.toString("utf8", at + 2, at + 2 + size));
    at += 2 + size + 1;
  }
  return { id: body.readUInt16BE(0), filters };
}

/** A plain client of a broker on this machine, for tests that listen and speak themselves. */
export class Client {
  /** `secure`: how Node is to speak TLS; without, it does not. */
  static async open(port, filters = [], { secure, name = `test.${process.pid}.${Math.random().toString(36).slice(2)}` } = {}) {
    const client = new Client();
    client.messages = [];
    client.splitter = new Splitter();
    client.socket = secure ? tls.connect({ port, host: "127.0.0.1", ...secure }) : net.connect(port, "127.0.0.1");
    client.socket.on("error", () => {});
    client.socket.on("data", (bytes) => client.splitter.push(bytes).forEach((each) => client.take(each)));
    client.socket.write(packet(CONNECT, 0, Buffer.concat([text("MQTT"), Buffer.from([5, 2]), u16(0), varint(0), text(name)])));
    await client.answer(CONNACK);
    if (filters.length > 0) {
      client.socket.write(packet(SUBSCRIBE, 2, Buffer.concat([u16(1), varint(0), ...filters.flatMap((filter) => [text(filter), Buffer.from([1])])])));
      await client.answer(SUBACK);
    }
    return client;
  }

  answer(type) {
    return new Promise((resolve, reject) => {
      this.waiting = { type, resolve };
      this.socket.once("close", () => reject(new Error("the broker hung up")));
    });
  }

  take(each) {
    if (each.type === this.waiting?.type) this.waiting.resolve();
    if (each.type !== PUBLISH) return;
    const message = readPublish(each);
    if (message.qos > 0) this.socket.write(puback(message.id));
    this.messages.push(message);
    this.onMessage?.(message);
  }

  publish(topic, payload, options) {
    this.socket.write(publish(topic, payload, options));
  }

  close() {
    this.socket.destroy();
  }
}
