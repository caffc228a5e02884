/**
 * The last ambient frame, kept over restarts of the browser, so that the first paint needs nobody
 * (REQUIREMENTS K1). Only ambient ones: what was chosen for someone is never written down.
 */
import { type Screen, screen } from "../shared/contract";
import { Bad, read } from "../shared/json";

const key = (kiosk: string): string => `vitrine.loop.${kiosk}`;

/** null where there is none, or none that can be trusted. */
export function load_loop(kiosk: string, from: Storage): Screen | null {
    try {
        const parsed = read(from.getItem(key(kiosk)), screen, "loop");
        if (parsed instanceof Bad || parsed.mode !== "ambient") return null;
        return { ...parsed, claim: null };
    } catch {
        return null;
    }
}

export function keep_loop(kiosk: string, loop: Screen, to: Storage): void {
    if (loop.mode !== "ambient") return;
    try {
        to.setItem(key(kiosk), JSON.stringify({ ...loop, claim: null }));
    } catch {
        // A full or forbidden storage costs the next first paint its offers, nothing else.
    }
}
