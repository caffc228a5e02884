// Looks for byte strings in everything that a program left behind, however they were written: as they are, in the other byte order, as
// hexadecimal with or without separators, in base64, inside zstd frames.

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
const SHORTEST = 6;

/** What stands behind a zstd frame's beginning, wherever it begins; nothing where there is none. */
export function unpacked(bytes) {
  const found = [];
  for (let at = bytes.indexOf(ZSTD); at >= 0; at = bytes.indexOf(ZSTD, at + 4)) {
    // What follows the frame is no frame: the program complains, and has written what it could. A frame that builds on another one
    // (a bundle's delta) makes it hang up at once.
    const run = spawnSync("zstd", ["-dcq"], { input: bytes.subarray(at), maxBuffer: 1 << 28 });
    if (run.error && run.error.code !== "EPIPE") throw new Error(`zstd does not run: ${run.error.message}`);
    if (run.stdout.length > 0) found.push(run.stdout);
  }
  return found;
}

/** All files below a folder. */
export function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const name = path.join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(name) : entry.isFile() ? [name] : [];
  });
}

export class Traces {
  /** Each of `needles` has at least six bytes, as an address has; longer ones must stand there whole. */
  constructor(needles) {
    this.known = new Map();
    this.sieve = new Uint8Array(1 << 24);
    for (const needle of needles) {
      if (needle.length < SHORTEST) throw new Error("a needle is too short to be told from chance");
      for (const bytes of [needle, Buffer.from(needle).reverse()]) this.learn(bytes);
    }
  }

  learn(bytes) {
    const start = bytes.toString("latin1", 0, SHORTEST);
    this.known.set(start, [...(this.known.get(start) ?? []), bytes]);
    this.sieve[(bytes[0] << 16) | (bytes[1] << 8) | bytes[2]] = 1;
  }

  /** Where a needle stands in these bytes as they are. */
  inBytes(bytes) {
    const found = [];
    for (let at = 0; at + SHORTEST <= bytes.length; ++at) {
      if (this.sieve[(bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2]] === 0) continue;
      const whole = this.known.get(bytes.toString("latin1", at, at + SHORTEST)) ?? [];
      if (whole.some((needle) => needle.equals(bytes.subarray(at, at + needle.length)))) found.push(at);
    }
    return found;
  }

  /** The same for what these bytes spell as text. */
  inSpellings(bytes) {
    const text = bytes.toString("latin1");
    const found = [];
    for (const match of text.matchAll(/[0-9a-f](?:[:\- ]?[0-9a-f]){11,}/gi)) {
      const digits = match[0].replace(/[^0-9a-f]/gi, "");
      for (const from of [0, 1]) if (this.inBytes(Buffer.from(digits.slice(from), "hex")).length > 0) found.push(match.index);
    }
    for (const match of text.matchAll(/[A-Za-z0-9+/_-]{8,}/g)) {
      for (const from of [0, 1, 2, 3]) if (this.inBytes(Buffer.from(match[0].slice(from), "base64")).length > 0) found.push(match.index);
    }
    return found;
  }

  /** Throws where `bytes`, or what they pack, hold a needle. Returns how many bytes were read. */
  expectNone(where, bytes) {
    let read = 0;
    for (const [how, part] of [["", bytes], ...unpacked(bytes).map((each) => [" (unpacked)", each])]) {
      read += part.length;
      const [at] = [...this.inBytes(part), ...this.inSpellings(part)];
      if (at === undefined) continue;
      const around = part.subarray(Math.max(0, at - 40), at + 60).toString("latin1").replace(/[^\x20-\x7e]/g, ".");
      throw new Error(`${where}${how} holds a stranger's data at byte ${at}: …${around}…`);
    }
    return read;
  }

  expectNoneIn(file) {
    return this.expectNone(file, readFileSync(file));
  }
}
