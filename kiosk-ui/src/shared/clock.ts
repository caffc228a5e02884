/**
 * The one place that reads a clock. `mono` measures durations in this page; `wall` is Unix time as
 * this machine believes it, for comparing with what the agent sent. Both in milliseconds.
 */
export interface At {
    mono: number;
    wall: number;
}

export const clock = (): At => ({ mono: performance.now(), wall: Date.now() });
