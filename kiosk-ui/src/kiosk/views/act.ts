import type { TouchKind } from "../../shared/contract";

/** What a view may ask for. It changes nothing itself. */
export interface Act {
    tap(kind: TouchKind, offer?: number): void;
    /** Another code for an offer whose code ran out. */
    again(offer: number): void;
    /** To a view that only this page knows. */
    go(to: "cards" | "choices" | "forget"): void;
    set(what: "language" | "large" | "contrast" | "speaking" | "pause"): void;
    slide(index: number): void;
}
