/** What of the state is to be seen; asked by views and reducer alike. */
import type { At } from "../shared/clock";
import type { Card, Language, Screen } from "../shared/contract";
import type { State, View } from "./state";

/** A clock that disagrees with the agent's never promises a code for longer than this (P5). */
export const kClaimMaxS = 300;

/** What is to be seen: the agent's frame while it is there, else the loop. */
export const shown = (state: State): Screen | null =>
    state.link === "live" ? state.screen : state.loop;

/** The cards of a frame that can still be had. */
export function cards(state: State): Card[] {
    const screen = shown(state);
    if (!screen) return [];
    const now = state.minute * 60_000;
    const hidden = screen.decision === state.dismissed_of ? state.dismissed : [];
    return screen.cards.filter(
        (card) =>
            !hidden.includes(card.offer) && (card.valid_until === null || card.valid_until > now),
    );
}

export const language_of = (state: State): Language =>
    state.language ?? shown(state)?.language ?? "fr";

/** The code to draw, unless the visitor closed it. */
export function claim_of(state: State) {
    const claim = shown(state)?.claim ?? null;
    return claim && claim.url !== state.closed_claim ? claim : null;
}

/** The same of a check-in. */
export function check_in_of(state: State) {
    const code = shown(state)?.check_in ?? null;
    return code && code.url !== state.closed_check_in ? code : null;
}

export const verified_of = (state: State) => shown(state)?.verified ?? null;

function seconds_left(code: { valid_until: number | null } | null, at: At): number {
    if (!code) return 0;
    if (code.valid_until === null) return kClaimMaxS;
    return Math.min(kClaimMaxS, Math.max(0, Math.ceil((code.valid_until - at.wall) / 1000)));
}

export const claim_left = (state: State, at: At): number => seconds_left(claim_of(state), at);
export const check_in_left = (state: State, at: At): number => seconds_left(check_in_of(state), at);

/** Whether what the visitor looks at can stay. */
export function still_has(screen: Screen, view: View): boolean {
    switch (view.at) {
        case "cards":
            return true;
        case "choices":
        case "forget":
            return screen.verified !== null;
        default:
            return screen.cards.some((card) => card.offer === view.offer);
    }
}
