/**
 * Whether somebody is still there (REQUIREMENTS A4): after the last touch a quiet time, then a
 * question with a grace time, then everything goes back to the start. Any touch answers the
 * question, as often as one likes. Times are monotonic milliseconds.
 */
export type Idle =
    | { at: "rest" }
    | { at: "active"; until: number }
    | { at: "asking"; until: number };

export interface Limits {
    idle_after: number;
    idle_grace: number;
}

export const rest: Idle = { at: "rest" };

export const touched = (now: number, limits: Limits): Idle => ({
    at: "active",
    until: now + limits.idle_after,
});

/** The next state, or "over" once nobody answered. */
export function elapsed(idle: Idle, now: number, limits: Limits): Idle | "over" {
    if (idle.at === "rest" || now < idle.until) return idle;
    if (idle.at === "asking") return "over";
    // Counted from now, not from `until`: a page that was suspended asks before it resets.
    return { at: "asking", until: now + limits.idle_grace };
}
