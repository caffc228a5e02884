/**
 * All that a kiosk page knows, and how it changes: a pure function of state and action. What is to
 * be posted comes out as data; views read the state and change nothing.
 */
import type { At } from "../shared/clock";
import type { Language, OwnDecision, Screen, Touch, TouchKind } from "../shared/contract";
import { elapsed, type Idle, type Limits, rest, touched } from "./idle";
import {
    check_in_left,
    check_in_of,
    claim_left,
    claim_of,
    language_of,
    shown,
    still_has,
} from "./shown";

export * from "./shown";

export type View =
    | { at: "cards" }
    | { at: "detail"; offer: number }
    | { at: "why"; offer: number; from: "cards" | "detail" }
    /** What one may decide after a check-in, and whether one really means it. */
    | { at: "choices" }
    | { at: "forget" };

export type NoticeCode =
    | "dismissed"
    | "dismissed_here"
    | "failed"
    | "changed"
    | "unreachable"
    | "checked_in"
    | "paused"
    | "resumed"
    | "forgotten"
    | "depersonalised"
    | "undecided";

export interface State {
    /** The last good frame; kept while the link is silent for less than the stream's limit. */
    screen: Screen | null;
    /** The last ambient frame: what plays when the agent is gone, for as long as that takes. */
    loop: Screen | null;
    link: "starting" | "live" | "lost";
    view: View;
    /** What the visitor chose; null follows the screen. */
    language: Language | null;
    large: boolean;
    contrast: boolean;
    speaking: boolean;
    /** Offers waved away under `dismissed_of`, hidden until the agent sends its next choice. */
    dismissed: readonly number[];
    dismissed_of: string;
    /** Waiting for the code of this offer, until when. */
    saving: { offer: number; until: number } | null;
    /** The address of a code that the visitor closed; not shown again. */
    closed_claim: string;
    closed_check_in: string;
    notice: { code: NoticeCode; until: number } | null;
    idle: Idle;
    slide: { index: number; due: number; paused: boolean };
    /** Whole seconds left, so that a tick which changes nothing that shows renders nothing. */
    ask_left: number;
    claim_left: number;
    check_in_left: number;
    /** Step of the walk that keeps pixels from burning in (K5). */
    drift: number;
    /** Unix time of the last tick that mattered, in minutes: offers end by it. */
    minute: number;
}

export type Action =
    | { is: "screen"; screen: Screen; at: At }
    | { is: "link"; live: boolean }
    | { is: "tap"; kind: TouchKind; offer?: number; at: At }
    | { is: "again"; offer: number; at: At }
    | { is: "go"; to: "cards" | "choices" | "forget"; at: At }
    | { is: "set"; what: "language" | "large" | "contrast" | "speaking" | "pause"; at: At }
    | { is: "comfort"; at: At }
    | { is: "slide"; index: number; at: At }
    | { is: "answered"; touch: Touch; status: number; at: At }
    | { is: "tick"; at: At };

export interface Step {
    state: State;
    send: readonly Touch[];
}

export const kSlideMs = 9_000;
export const kNoticeMs = 6_000;
export const kClaimWithinMs = 8_000;
const kDriftSteps = 8;
const kFallback: Limits = { idle_after: 30_000, idle_grace: 20_000 };

export const initial = (loop: Screen | null, at: At): State => ({
    screen: null,
    loop,
    link: "starting",
    view: { at: "cards" },
    language: null,
    large: false,
    contrast: false,
    speaking: false,
    dismissed: [],
    dismissed_of: "",
    saving: null,
    closed_claim: "",
    closed_check_in: "",
    notice: null,
    idle: rest,
    slide: { index: 0, due: at.mono + kSlideMs, paused: false },
    ask_left: 0,
    claim_left: 0,
    check_in_left: 0,
    drift: 0,
    minute: Math.floor(at.wall / 60_000),
});

const limits_of = (state: State): Limits => state.screen ?? kFallback;

const only = (state: State): Step => ({ state, send: [] });

/** A touch that the agent shall know of; none is sent for a frame that it no longer holds. */
function sending(state: State, kind: TouchKind, offer = 0): Step {
    if (state.link !== "live" || !state.screen) return only(state);
    return { state, send: [{ decision: state.screen.decision, kind, offer }] };
}

/** The same for a decision, with the language in which its words stood. */
function deciding(state: State, kind: OwnDecision): Step {
    const language = language_of(state);
    const step = sending({ ...state, view: { at: "cards" } }, kind);
    return { ...step, send: step.send.map((touch) => ({ ...touch, language })) };
}

export function reduce(state: State, action: Action): Step {
    switch (action.is) {
        case "screen":
            return only(received(state, action.screen, action.at));
        case "link":
            return only(linked(state, action.live));
        case "tap":
            return tapped(active(state, action.at), action.kind, action.offer ?? 0, action.at);
        case "again":
            return tapped(
                { ...active(state, action.at), closed_claim: claim_of(state)?.url ?? "" },
                "save",
                action.offer,
                action.at,
            );
        case "go":
            return sending(
                { ...active(state, action.at), view: { at: action.to }, notice: null },
                "stay",
            );
        case "set":
            return sending(preferred(active(state, action.at), action.what, action.at), "stay");
        case "comfort": {
            const on = !(state.large && state.contrast);
            return sending({ ...active(state, action.at), large: on, contrast: on }, "stay");
        }
        case "slide":
            return sending(
                { ...active(state, action.at), slide: slid(state, action.index, action.at) },
                "stay",
            );
        case "answered":
            return only(answered(state, action.touch, action.status, action.at));
        case "tick":
            return ticked(state, action.at);
    }
}

const active = (state: State, at: At): State => ({
    ...state,
    idle: touched(at.mono, limits_of(state)),
    ask_left: 0,
});

const slid = (state: State, index: number, at: At) => ({
    ...state.slide,
    index,
    due: at.mono + kSlideMs,
});

function received(state: State, screen: Screen, at: At): State {
    const before = shown(state);
    const same_choice = before?.decision === screen.decision;
    const still_there = still_has(screen, state.view);
    const checked_in = screen.verified !== null && before?.verified == null;
    const came = state.saving !== null && screen.claim?.offer === state.saving.offer;
    const next: State = {
        ...state,
        screen,
        loop:
            screen.mode === "ambient"
                ? { ...screen, claim: null, check_in: null, verified: null }
                : state.loop,
        link: "live",
        view: still_there ? state.view : { at: "cards" },
        saving: came ? null : state.saving,
        slide: same_choice ? state.slide : { ...slid(state, 0, at) },
        minute: Math.floor(at.wall / 60_000),
    };
    const left = { claim_left: claim_left(next, at), check_in_left: check_in_left(next, at) };
    // Whoever checked in stands there, though they have not touched anything: the idle time runs.
    if (checked_in) return noticed({ ...active(next, at), ...left }, "checked_in", at);
    return { ...next, ...left };
}

function linked(state: State, live: boolean): State {
    if (live) return state.screen && state.link !== "live" ? { ...state, link: "live" } : state;
    if (state.link === "lost") return state;
    // What was for one visitor must not outlive the agent that chose it.
    return { ...state, link: "lost", screen: null, view: { at: "cards" }, saving: null };
}

/** Back to how the next visitor should find it. */
const reset = (state: State): State => ({
    ...state,
    view: { at: "cards" },
    language: null,
    large: false,
    contrast: false,
    speaking: false,
    saving: null,
    closed_claim: claim_of(state)?.url ?? state.closed_claim,
    closed_check_in: check_in_of(state)?.url ?? state.closed_check_in,
    notice: null,
    idle: rest,
    ask_left: 0,
    slide: { ...state.slide, paused: false },
});

const noticed = (state: State, code: NoticeCode, at: At): State => ({
    ...state,
    notice: { code, until: at.mono + kNoticeMs },
});

function tapped(state: State, kind: TouchKind, offer: number, at: At): Step {
    switch (kind) {
        case "open":
            return sending({ ...state, view: { at: "detail", offer } }, kind, offer);
        case "why":
            return sending(
                {
                    ...state,
                    view: {
                        at: "why",
                        offer,
                        from: state.view.at === "detail" ? "detail" : "cards",
                    },
                },
                kind,
                offer,
            );
        case "close":
            // From the reasons back to the detail that they were asked from: the detail stays open.
            if (state.view.at === "why" && state.view.from === "detail")
                return sending(
                    { ...state, view: { at: "detail", offer: state.view.offer } },
                    "stay",
                );
            return sending(
                {
                    ...state,
                    // Under a check-in's code stands what the visitor was looking at.
                    view: check_in_of(state) ? state.view : { at: "cards" },
                    closed_check_in: check_in_of(state)?.url ?? state.closed_check_in,
                },
                kind,
            );
        case "dismiss":
            return sending(dismissed(state, offer, at), kind, offer);
        case "save":
            return saved(state, offer, at);
        case "unsave":
            return sending(
                {
                    ...state,
                    view: { at: "cards" },
                    saving: null,
                    closed_claim: claim_of(state)?.url ?? "",
                },
                kind,
                offer,
            );
        case "stay":
            return sending(state, kind);
        case "identify":
            if (state.link !== "live") return only(noticed(state, "unreachable", at));
            return sending(
                { ...state, closed_check_in: check_in_of(state)?.url ?? state.closed_check_in },
                kind,
            );
        case "pause":
        case "resume":
        case "forget":
        case "depersonalise":
            return deciding(state, kind);
        case "leave":
            return sending(reset(state), kind);
    }
}

function dismissed(state: State, offer: number, at: At): State {
    const decision = shown(state)?.decision ?? "";
    const before = state.dismissed_of === decision ? state.dismissed : [];
    const personal = shown(state)?.mode === "tailored";
    return noticed(
        {
            ...state,
            view: { at: "cards" },
            dismissed: [...before.filter((known) => known !== offer).slice(-15), offer],
            dismissed_of: decision,
        },
        personal ? "dismissed" : "dismissed_here",
        at,
    );
}

function saved(state: State, offer: number, at: At): Step {
    if (state.link !== "live") return only(noticed(state, "unreachable", at));
    return sending(
        { ...state, saving: { offer, until: at.mono + kClaimWithinMs }, notice: null },
        "save",
        offer,
    );
}

function preferred(
    state: State,
    what: "language" | "large" | "contrast" | "speaking" | "pause",
    at: At,
): State {
    switch (what) {
        case "language":
            return { ...state, language: language_of(state) === "fr" ? "en" : "fr" };
        case "pause":
            return {
                ...state,
                slide: { ...slid(state, state.slide.index, at), paused: !state.slide.paused },
            };
        default:
            return { ...state, [what]: !state[what] };
    }
}

/** Said once the agent has kept the decision, and not before. */
const kDecided: Partial<Record<TouchKind, NoticeCode>> = {
    pause: "paused",
    resume: "resumed",
    forget: "forgotten",
    depersonalise: "depersonalised",
};

function answered(state: State, touch: Touch, status: number, at: At): State {
    const done = status >= 200 && status < 300;
    const decided = kDecided[touch.kind];
    if (decided) return noticed(state, done ? decided : "undecided", at);
    if (done) return state;
    if (touch.kind === "identify") return noticed(state, status === 409 ? "changed" : "failed", at);
    const saving = touch.kind === "save" ? null : state.saving;
    if (touch.kind === "save")
        return noticed({ ...state, saving }, status === 409 ? "changed" : "failed", at);
    // Other touches changed the page already; the agent's next frame has the last word.
    return state;
}

function ticked(before: State, at: At): Step {
    let state = before;
    const change = (part: Partial<State>) => {
        state = { ...state, ...part };
    };

    const idle = elapsed(state.idle, at.mono, limits_of(state));
    if (idle === "over") return sending(reset(state), "leave");
    if (idle !== state.idle) change({ idle });
    const ask_left = idle.at === "asking" ? Math.ceil((idle.until - at.mono) / 1000) : 0;
    if (ask_left !== state.ask_left) change({ ask_left });

    if (state.notice && at.mono >= state.notice.until) change({ notice: null });
    if (state.saving && at.mono >= state.saving.until)
        state = noticed({ ...state, saving: null }, "failed", at);
    const left = claim_left(state, at);
    if (left !== state.claim_left) change({ claim_left: left });
    const code_left = check_in_left(state, at);
    if (code_left !== state.check_in_left) change({ check_in_left: code_left });

    // The loop waits for whoever is touching the screen.
    if (at.mono >= state.slide.due && !state.slide.paused && state.idle.at === "rest")
        change({ slide: slid(state, state.slide.index + 1, at) });

    const minute = Math.floor(at.wall / 60_000);
    if (minute !== state.minute) change({ minute, drift: (state.drift + 1) % kDriftSteps });
    return only(state);
}
