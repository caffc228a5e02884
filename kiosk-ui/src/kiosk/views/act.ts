import type { TouchKind } from "../../shared/contract";

/** What a view may ask for. It changes nothing itself. */
export interface Act {
    tap(kind: TouchKind, offer?: number): void;
    /** Another code for an offer whose code ran out. */
    again(offer: number): void;
    set(what: "language" | "large" | "contrast" | "speaking" | "pause"): void;
    slide(index: number): void;
}
