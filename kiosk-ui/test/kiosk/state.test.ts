import { describe, expect, it } from "vitest";
import {
    type Action,
    cards,
    claim_of,
    initial,
    kClaimWithinMs,
    kSlideMs,
    language_of,
    reduce,
    shown,
} from "../../src/kiosk/state";
import type { Screen, Touch } from "../../src/shared/contract";
import { at, make_card, make_screen } from "../make";
import { run } from "./run";

const tap = (kind: Touch["kind"], offer = 0, mono = 1_000): Action => ({
    is: "tap",
    kind,
    offer,
    at: at(mono),
});
const tick = (mono: number): Action => ({ is: "tick", at: at(mono) });
const got = (screen: Screen, mono = 1_500): Action => ({ is: "screen", screen, at: at(mono) });

const tailored = make_screen({ mode: "tailored", decision: "00000000000000bb" });
const claim = { offer: 2, url: "http://shop/c/abc", valid_until: at(0).wall + 120_000 };

describe("touches", () => {
    it("open, explain and close, each told to the agent with its decision", () => {
        const { state, sent } = run(
            tailored,
            tap("open", 2),
            tap("why", 2),
            tap("close"),
            tap("close"),
        );
        expect(state.view).toEqual({ at: "cards" });
        expect(sent).toEqual([
            { decision: tailored.decision, kind: "open", offer: 2 },
            { decision: tailored.decision, kind: "why", offer: 2 },
            { decision: tailored.decision, kind: "stay", offer: 0 },
            { decision: tailored.decision, kind: "close", offer: 0 },
        ]);
    });

    it("hide a dismissed offer at once and only under this decision", () => {
        const { state } = run(tailored, tap("dismiss", 2));
        expect(cards(state).map((card) => card.offer)).toEqual([1, 3]);
        expect(state.notice?.code).toBe("dismissed");
        const next = reduce(state, got({ ...tailored, decision: "00000000000000cc" })).state;
        expect(cards(next).map((card) => card.offer)).toEqual([1, 2, 3]);
    });

    it("change the page but tell nobody when the agent is gone", () => {
        const { state, sent } = run(
            make_screen(),
            { is: "link", live: false },
            tap("open", 1),
            tap("save", 1),
        );
        expect(sent).toEqual([]);
        expect(state.view).toEqual({ at: "detail", offer: 1 });
        expect(state.notice?.code).toBe("unreachable");
    });

    it("that change only the page are a stay", () => {
        const { sent } = run(
            make_screen(),
            { is: "set", what: "large", at: at(1) },
            { is: "set", what: "language", at: at(2) },
            { is: "slide", index: 2, at: at(3) },
            { is: "comfort", at: at(4) },
        );
        expect(sent.map((touch) => [touch.kind, touch.offer])).toEqual(
            Array.from({ length: 4 }, () => ["stay", 0]),
        );
    });
});

describe("saving", () => {
    it("waits for the code and shows it", () => {
        const waiting = run(tailored, tap("open", 2), tap("save", 2));
        expect(waiting.state.saving?.offer).toBe(2);
        const { state } = run(
            tailored,
            tap("open", 2),
            tap("save", 2),
            got({ ...tailored, claim }),
        );
        expect(state.saving).toBeNull();
        expect(claim_of(state)).toEqual(claim);
        expect(state.claim_left).toBe(119);
    });

    it("counts down to nothing and no further", () => {
        const { state } = run(tailored, got({ ...tailored, claim }), tick(60_000));
        expect(state.claim_left).toBe(60);
        expect(reduce(state, tick(500_000)).state.claim_left).toBe(0);
    });

    it("promises five minutes at most, whatever this machine's clock says", () => {
        const far = { ...claim, valid_until: at(0).wall + 9e9 };
        expect(run(tailored, got({ ...tailored, claim: far })).state.claim_left).toBe(300);
    });

    it("says so when no code comes", () => {
        const { state } = run(tailored, tap("save", 2, 0), tick(kClaimWithinMs));
        expect(state.saving).toBeNull();
        expect(state.notice?.code).toBe("failed");
    });

    it.each([
        [409, "changed"],
        [500, "failed"],
        [0, "failed"],
    ])("words the answer %i", (status, code) => {
        const touch: Touch = { decision: tailored.decision, kind: "save", offer: 2 };
        const { state } = run(tailored, tap("save", 2), {
            is: "answered",
            touch,
            status,
            at: at(1),
        });
        expect(state.saving).toBeNull();
        expect(state.notice?.code).toBe(code);
    });

    it("does not show a closed code again, but shows a new one", () => {
        const { state, sent } = run(tailored, got({ ...tailored, claim }), tap("unsave", 2));
        expect(claim_of(state)).toBeNull();
        expect(sent.at(-1)).toEqual({ decision: tailored.decision, kind: "unsave", offer: 2 });
        const renewed = { ...claim, url: "http://shop/c/def" };
        expect(claim_of(reduce(state, got({ ...tailored, claim: renewed })).state)).toEqual(
            renewed,
        );
    });

    it("asks for another code when one ran out", () => {
        const { state, sent } = run(tailored, got({ ...tailored, claim }), {
            is: "again",
            offer: 2,
            at: at(1),
        });
        expect(sent.at(-1)?.kind).toBe("save");
        expect(claim_of(state)).toBeNull();
        expect(state.saving?.offer).toBe(2);
    });
});

describe("frames", () => {
    it("close the detail of an offer that they no longer hold", () => {
        const group = make_screen({ mode: "group", cards: [make_card({ offer: 9 })] });
        const { state } = run(tailored, tap("open", 2), got(group));
        expect(state.view).toEqual({ at: "cards" });
    });

    it("keep the detail of an offer that they still hold", () => {
        const { state } = run(tailored, tap("open", 2), got({ ...tailored, revision: 2 }));
        expect(state.view).toEqual({ at: "detail", offer: 2 });
    });

    it("of a member never outlive the agent: the loop takes over", () => {
        const ambient = make_screen();
        const { state } = run(ambient, got(tailored), { is: "link", live: false });
        expect(shown(state)?.mode).toBe("ambient");
        expect(state.screen).toBeNull();
        expect(cards(state)).toHaveLength(3);
        const beat = reduce(state, { is: "link", live: true }).state;
        expect(shown(beat)?.mode).toBe("ambient");
        expect(shown(reduce(beat, got(tailored)).state)?.mode).toBe("tailored");
    });

    it("leave the loop without a code in it", () => {
        const { state } = run(make_screen({ claim }));
        expect(state.loop?.claim).toBeNull();
        expect(run(tailored).state.loop).toBeNull();
    });

    it("lose the offers that have ended, minute by minute, also offline", () => {
        const ending = make_screen({
            cards: [make_card({ offer: 1, valid_until: at(90_000).wall }), make_card({ offer: 2 })],
        });
        const { state } = run(ending, { is: "link", live: false });
        expect(cards(state)).toHaveLength(2);
        expect(cards(reduce(state, tick(200_000)).state).map((card) => card.offer)).toEqual([2]);
    });

    it("play from what was kept before anything is heard", () => {
        const state = initial(make_screen(), at(0));
        expect(cards(state)).toHaveLength(3);
        expect(reduce(state, { is: "tick", at: at(kSlideMs) }).state.slide.index).toBe(1);
    });
});

describe("the loop", () => {
    it("moves on, waits for whoever touches, and can be stopped", () => {
        expect(run(make_screen(), tick(kSlideMs)).state.slide.index).toBe(1);
        expect(run(make_screen(), tap("stay"), tick(kSlideMs)).state.slide.index).toBe(0);
        const paused = { ...run(make_screen()).state };
        paused.slide = { ...paused.slide, paused: true };
        expect(reduce(paused, tick(kSlideMs * 5)).state.slide.index).toBe(0);
    });

    it("renders nothing when nothing that shows has changed", () => {
        const { state } = run(make_screen(), tick(500));
        expect(reduce(state, tick(1_000)).state).toBe(state);
    });
});

describe("idle", () => {
    it("asks, then resets everything and tells the agent that the visitor left", () => {
        const start = run(
            tailored,
            { is: "set", what: "language", at: at(0) },
            { is: "set", what: "large", at: at(0) },
            tap("open", 2, 0),
            tick(30_000),
        );
        expect(start.state.idle.at).toBe("asking");
        expect(start.state.ask_left).toBe(20);
        const step = reduce(start.state, tick(50_000));
        expect(step.send).toEqual([{ decision: tailored.decision, kind: "leave", offer: 0 }]);
        expect(step.state).toMatchObject({
            view: { at: "cards" },
            language: null,
            large: false,
            contrast: false,
            idle: { at: "rest" },
            ask_left: 0,
        });
    });

    it("is answered by any touch", () => {
        const { state } = run(tailored, tap("open", 2, 0), tick(30_000), tap("stay", 0, 40_000));
        expect(state.idle.at).toBe("active");
        expect(state.view.at).toBe("detail");
    });
});

describe("the language", () => {
    it("is the screen's until the visitor chooses", () => {
        const { state } = run(make_screen({ language: "en" }));
        expect(language_of(state)).toBe("en");
        expect(language_of(reduce(state, { is: "set", what: "language", at: at(1) }).state)).toBe(
            "fr",
        );
    });
});
