import { render } from "preact";
import { act as settle } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { spoken } from "../../src/kiosk/speech";
import { type Action, check_in_of, reduce, type State } from "../../src/kiosk/state";
import type { Act } from "../../src/kiosk/views/act";
import { Frame } from "../../src/kiosk/views/frame";
import type { Screen, Touch } from "../../src/shared/contract";
import { screen as screen_parser } from "../../src/shared/contract";
import { Bad, read } from "../../src/shared/json";
import { at, local, make_card, make_screen } from "../make";
import { run } from "./run";

const code = {
    url: "http://shop:8080/i/AfDx8vP09fb3-Pn6-_z9_v9raW9zay0x",
    valid_until: at(0).wall + 300_000,
};
const all = { recognise: true, paused: false, personalise: true };
const verified = make_screen({ mode: "tailored", decision: "00000000000000bb", verified: all });

const tap = (kind: Touch["kind"], mono = 1_000): Action => ({ is: "tap", kind, at: at(mono) });
const got = (screen: Screen, mono = 1_500): Action => ({ is: "screen", screen, at: at(mono) });
const go = (to: "cards" | "choices" | "forget"): Action => ({ is: "go", to, at: at(1_000) });

describe("a check-in", () => {
    it("is asked for in any state, and its code counts down", () => {
        const { state, sent } = run(
            make_screen(),
            tap("identify"),
            got(make_screen({ check_in: code })),
        );
        expect(sent).toEqual([{ decision: "00000000000000aa", kind: "identify", offer: 0 }]);
        expect(check_in_of(state)?.url).toBe(code.url);
        expect(state.check_in_left).toBe(299);
        const later = reduce(state, { is: "tick", at: at(299_000) }).state;
        expect(later.check_in_left).toBe(1);
    });
    it("is not asked for where no agent would answer", () => {
        const { state, sent } = run(make_screen(), { is: "link", live: false }, tap("identify"));
        expect(sent).toEqual([]);
        expect(state.notice?.code).toBe("unreachable");
    });
    it("closes its code and goes back to where it was asked for", () => {
        const shown = make_screen({ mode: "tailored", cards: [make_card({ offer: 2 })] });
        const { state, sent } = run(
            shown,
            { is: "tap", kind: "why", offer: 2, at: at(500) },
            tap("identify"),
            got({ ...shown, check_in: code }),
            tap("close"),
        );
        expect(check_in_of(state)).toBeNull();
        expect(state.view).toEqual({ at: "why", offer: 2, from: "cards" });
        expect(sent.at(-1)?.kind).toBe("close");
    });
    it("says that it worked and starts the idle time, without a touch", () => {
        const { state } = run(make_screen({ check_in: code }), got(verified));
        expect(state.notice?.code).toBe("checked_in");
        expect(state.idle.at).toBe("active");
        expect(check_in_of(state)).toBeNull();
    });
    it("never outlives the agent's word: what hangs on it closes with it", () => {
        for (const to of ["choices", "forget"] as const) {
            const { state } = run(verified, go(to), got(make_screen()));
            expect(state.view).toEqual({ at: "cards" });
        }
        const lost = run(verified, go("choices"), { is: "link", live: false });
        expect(lost.state.view).toEqual({ at: "cards" });
    });
    it("is not kept in the loop that plays without the agent", () => {
        const { state } = run(make_screen({ check_in: code, verified: all }));
        expect(state.loop?.check_in).toBeNull();
        expect(state.loop?.verified).toBeNull();
    });
});

describe("one's own decisions", () => {
    it.each([
        "pause",
        "resume",
        "forget",
        "depersonalise",
    ] as const)("%s is sent with the language in which it stood", (kind) => {
        const { state, sent } = run(
            verified,
            go("choices"),
            { is: "set", what: "language", at: at(900) },
            tap(kind),
        );
        expect(sent.at(-1)).toEqual({
            decision: "00000000000000bb",
            kind,
            offer: 0,
            language: "en",
        });
        expect(state.view).toEqual({ at: "cards" });
        expect(state.notice, "not before the agent kept it").toBeNull();
    });
    it("are confirmed by the agent's answer alone", () => {
        const touch: Touch = { decision: "00000000000000bb", kind: "pause", offer: 0 };
        const answer = (status: number): Action => ({
            is: "answered",
            touch,
            status,
            at: at(1_200),
        });
        expect(run(verified, tap("pause"), answer(204)).state.notice?.code).toBe("paused");
        for (const status of [0, 403, 409, 503])
            expect(run(verified, tap("pause"), answer(status)).state.notice?.code).toBe(
                "undecided",
            );
    });
});

describe("the contract of a check-in", () => {
    const parse = (part: object) =>
        read(JSON.stringify({ ...verified, ...part }), screen_parser, "screen");
    it("takes the agent's code and refuses another address", () => {
        expect(parse({ check_in: code })).not.toBeInstanceOf(Bad);
        for (const url of [
            "javascript:alert(1)",
            "http://shop/c/AfDx8vP09fb3-Pn6-_z9_v9raW9zay0x",
            "http://shop/i/AfDx8vP09fb3-Pn6-_z9_v9raW9zay0x?x=1",
            "http://user@shop/i/AfDx8vP09fb3-Pn6-_z9_v9raW9zay0x",
        ])
            expect(parse({ check_in: { ...code, url } }), url).toBeInstanceOf(Bad);
        expect(parse({ verified: { recognise: true } })).toBeInstanceOf(Bad);
    });
});

describe("the views of a check-in", () => {
    let root: HTMLElement;
    const act: Act = { tap: vi.fn(), again: vi.fn(), go: vi.fn(), set: vi.fn(), slide: vi.fn() };
    const draw = (state: State) =>
        settle(() => render(<Frame state={state} voice={true} act={act} />, root));
    const seen = () => root.querySelector(".stage .layer:not(.leaving)") as HTMLElement;
    const actions = () =>
        [...seen().querySelectorAll<HTMLElement>("[data-action]")].map((one) => one.dataset.action);
    const control = (action: string) =>
        root.querySelector(`.controls [data-action="${action}"]`) as HTMLElement | null;

    beforeEach(() => {
        root = document.createElement("div");
        document.body.append(root);
    });
    afterEach(() => {
        render(null, root);
        root.remove();
        vi.clearAllMocks();
    });

    it("offer it on every screen, and what it allows only after it", () => {
        for (const mode of ["ambient", "tailored", "group", "conflict"] as const) {
            draw(run(make_screen({ mode })).state);
            control("identify")?.click();
            expect(control("choices")).toBeNull();
        }
        expect(act.tap).toHaveBeenCalledTimes(4);
        draw(run(verified).state);
        expect(control("identify")).toBeNull();
        control("choices")?.click();
        expect(act.go).toHaveBeenCalledWith("choices");
        expect(root.querySelector('[data-condition="verified"]')).not.toBeNull();
    });
    it("draw the code until it ends", () => {
        const asked = run(make_screen({ check_in: code })).state;
        draw(asked);
        expect(seen().querySelector("svg.qr")).not.toBeNull();
        expect(spoken(asked)).toContain("Identifiez-vous");
        draw(reduce(asked, { is: "tick", at: at(301_000) }).state);
        expect(seen().querySelector("svg.qr")).toBeNull();
        expect(actions()).toEqual(["identify", "close"]);
    });
    it("offer what makes sense and nothing else", () => {
        const offered = (part: Partial<typeof all>) => {
            draw(run({ ...verified, verified: { ...all, ...part } }, go("choices")).state);
            return actions();
        };
        expect(offered({})).toEqual(["pause", "depersonalise", "ask-forget", "cards"]);
        expect(offered({ recognise: false, paused: true })).toEqual([
            "resume",
            "depersonalise",
            "ask-forget",
            "cards",
        ]);
        expect(offered({ recognise: false, personalise: false })).toEqual(["cards"]);
    });
    it("ask twice before forgetting, and the first button goes back", () => {
        draw(run(verified, go("choices")).state);
        (seen().querySelector('[data-action="ask-forget"]') as HTMLElement).click();
        expect(act.tap).not.toHaveBeenCalled();
        expect(act.go).toHaveBeenCalledWith("forget");
        draw(run(verified, go("forget")).state);
        expect(actions()).toEqual(["choices", "forget"]);
        (seen().querySelector('[data-action="forget"]') as HTMLElement).click();
        expect(act.tap).toHaveBeenCalledWith("forget");
    });
    it("lead from a withheld reason to the check-in, and from a full one nowhere", () => {
        const personal = (category: { fr: string; en: string }) => ({
            ...verified,
            cards: [make_card({ offer: 2, why: [{ code: "you_often_buy" as const, category }] })],
        });
        const why: Action = { is: "tap", kind: "why", offer: 2, at: at(500) };
        draw(run({ ...personal({ fr: "", en: "" }), verified: null }, why).state);
        expect(actions()).toContain("identify");
        draw(run(personal(local("Cafés")), why).state);
        expect(actions()).not.toContain("identify");
        expect(seen().textContent).toContain("Cafés");
    });
    it("name nobody and greet nobody", () => {
        for (const to of ["cards", "choices", "forget"] as const) {
            draw(run(verified, go(to)).state);
            expect(root.textContent).not.toMatch(/bonjour|hello|welcome back/i);
        }
    });
});
