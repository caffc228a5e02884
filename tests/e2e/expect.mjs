// Assertions that say what was expected of the shop.

import { isDeepStrictEqual } from "node:util";

export function expect(condition, promise) {
  if (!condition) throw new Error(`expected that ${promise}`);
}

export function expectEqual(actual, wanted, what) {
  if (!isDeepStrictEqual(actual, wanted)) {
    throw new Error(`${what}: expected ${JSON.stringify(wanted)}, found ${JSON.stringify(actual)}`);
  }
}
