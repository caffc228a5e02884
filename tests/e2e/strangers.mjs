// The air of a busy street: ten thousand adverts of strangers, no two alike, and one member among them.

import { createHash } from "node:crypto";

/** Bytes that a seed and a counter fix: nobody else's by chance. */
const bytesOf = (what, index, count) => createHash("sha512").update(`strangers/${what}/${index}`).digest().subarray(0, count);

const field = (type, ...parts) => {
  const data = Buffer.concat(parts.map((part) => (Buffer.isBuffer(part) ? part : Buffer.from(part))));
  return Buffer.concat([Buffer.from([data.length + 1, type]), data]);
};
const flags = field(0x01, [0x06]);

/** What somebody called a device: text, unlike all else. */
const nameOf = (secret) => secret.subarray(8, 16).toString("base64url");

/** Each kind of advert around its own random bytes: what phones, watches, tags and beacons send. */
const KINDS = [
  (secret) => [flags, field(0xff, [0x4c, 0x00, 0x10, 0x0e], secret)],
  (secret) => [flags, field(0xff, [0x4c, 0x00, 0x12, 0x10], secret)],
  (secret) => [flags, field(0xff, [0x4c, 0x00, 0x02, 0x15], secret, [0x00, 0x01, 0x00, 0x02, 0xc5])],
  (secret) => [flags, field(0x03, [0xaa, 0xfe]), field(0x16, [0xaa, 0xfe, 0x00, 0xee], secret)],
  // Somebody else's rolling identifier, in the very frames that members use.
  (secret) => [flags, field(0x03, [0xaa, 0xfe]), field(0x16, [0xaa, 0xfe, 0x30, 0xee], secret.subarray(0, 8))],
  (secret) => [flags, field(0x16, [0x6f, 0xfd], secret, [0x11, 0x22, 0x33, 0x44])],
  (secret) => [flags, field(0xff, [0x18, 0x01, 0xbe, 0xac], secret, [0x00, 0x01, 0x00, 0x02, 0xc5, 0x00])],
  (secret) => [flags, field(0x07, secret)],
  (secret) => [flags, field(0x09, nameOf(secret))],
];

const KEY = "3b".repeat(16);

/**
 * A recording: `count` strangers' adverts over `seconds`, and a member's phone that stands before a kiosk. Returns its lines and what must
 * be found nowhere afterwards.
 */
export function makeAir({ count, seconds, scanners, kiosk, key = KEY }) {
  const rows = [];
  const needles = [];
  for (let i = 0; i < count; ++i) {
    const address = bytesOf("address", i, 6);
    const secret = bytesOf("payload", i, 16);
    const data = Buffer.concat(KINDS[i % KINDS.length](secret));
    if (data.length > 31) throw new Error(`advert ${i} is ${data.length} bytes long`);
    needles.push(address, secret.subarray(0, 8), Buffer.from(nameOf(secret)));
    rows.push({ t: (seconds * i) / count, scanner: scanners[i % scanners.length].id, rssi: -45 - (i % 50), address: address.toString("hex"), data: data.toString("hex") });
  }
  for (let tick = 0; tick < 4 * seconds; ++tick) {
    for (const [i, scanner] of scanners.entries()) {
      const distance = Math.hypot(scanner.x - kiosk.x - 0.5, scanner.y - kiosk.y, scanner.z - 1.6);
      const rssi = Math.round(-59.9 - 16.2 * Math.log10(Math.max(distance, 0.3)) + 2 * Math.sin(13 * tick + 5 * i));
      rows.push({ t: tick / 4, scanner: scanner.id, rssi, address: bytesOf("member", Math.floor(tick / 40), 6).toString("hex"), key });
    }
  }
  return { text: `${rows.map((row) => JSON.stringify(row)).join("\n")}\n`, needles };
}
