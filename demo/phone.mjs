// A member's phone: what the loyalty app computes when it checks in at a kiosk (docs/check-in.md).

import { createCipheriv, createHmac } from "node:crypto";

const ROTATION_EXPONENT = 9; // An identifier lives 2^9 seconds.

function aesBlock(key, block) {
  const cipher = createCipheriv("aes-128-ecb", key, null).setAutoPadding(false);
  return Buffer.concat([cipher.update(block), cipher.final()]);
}

const be32 = (value) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** The key of the 18.2 hours around `seconds`, as the Eddystone-EID specification derives it. */
export function temporaryKey(identityKey, seconds) {
  const block = Buffer.alloc(16);
  block[11] = 0xff;
  block.writeUInt16BE(seconds >>> 16, 14);
  return aesBlock(identityKey, block);
}

/** The identifier that the phone sends at `seconds`. */
export function identifier(identityKey, seconds) {
  const block = Buffer.alloc(16);
  block[11] = ROTATION_EXPONENT;
  block.writeUInt32BE(((seconds >>> ROTATION_EXPONENT) << ROTATION_EXPONENT) >>> 0, 12);
  return aesBlock(temporaryKey(identityKey, seconds), block).subarray(0, 8);
}

/** What a kiosk's QR code asks: its address ends in the challenge. */
export function readChallenge(url) {
  const bytes = Buffer.from(new URL(url).pathname.split("/").at(-1), "base64url");
  if (bytes[0] !== 1 || bytes.length < 18) throw new Error(`${url} holds no challenge of version 1`);
  return { nonce: bytes.subarray(1, 17), kiosk: bytes.subarray(17).toString() };
}

/** The answer, as JSON carries it. The window comes from the phone's own clock. */
export function answerTo({ nonce, kiosk }, identityKey, now = Date.now()) {
  const seconds = Math.floor(now / 1000);
  const window = be32(seconds >>> ROTATION_EXPONENT);
  const answer = createHmac("sha256", temporaryKey(identityKey, seconds)).update(nonce).update(kiosk).update(window).digest();
  return Buffer.concat([Buffer.of(1), nonce, identifier(identityKey, seconds), window, answer]).toString("base64url");
}

/** Posts an answer to the origin of the code, and tells the outcome. */
export async function post(url, check_in) {
  const response = await fetch(new URL("/api/v1/check-in", url), {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ check_in }),
    signal: AbortSignal.timeout(5_000),
  });
  if (!response.ok) throw new Error(`the check-in was answered by ${response.status}`);
  return (await response.json()).outcome;
}

/** Scans the code and answers it: "welcome" where all is well. */
export const checkIn = (url, keyHex) => post(url, answerTo(readChallenge(url), Buffer.from(keyHex, "hex")));
