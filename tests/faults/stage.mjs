// What a fault test stands on: shops without a browser, and chance that can be had again.

import { Ground } from "../harness/ground.mjs";

/** Numbers in [0, 1) that a seed fixes (mulberry32). */
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export class Stage extends Ground {
  constructor(name, places, { long, seed }) {
    super("faults", name, places);
    Object.assign(this, { long, seed });
    this.say(`seed ${seed}`);
  }

  /** Figures are for the long forms: a short one has too few faults to measure anything. */
  say(line) {
    if (this.long || !line.startsWith("{")) super.say(line);
  }
}
