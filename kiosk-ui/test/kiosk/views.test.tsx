import { render } from "preact";
import { act as settle } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Action, initial, reduce, type State } from "../../src/kiosk/state";
import type { Act } from "../../src/kiosk/views/act";
import { Frame } from "../../src/kiosk/views/frame";
import type { Screen } from "../../src/shared/contract";
import { Fade } from "../../src/shared/fade";
import { at, make_card, make_screen } from "../make";

let root: HTMLElement;
const act: Act = { tap: vi.fn(), again: vi.fn(), go: vi.fn(), set: vi.fn(), slide: vi.fn() };

const state_after = (screen: Screen, ...actions: Action[]): State =>
    [{ is: "screen", screen, at: at(0) } as Action, ...actions].reduce(
        (state, action) => reduce(state, action).state,
        initial(null, at(0)),
    );
const draw = (state: State) =>
    settle(() => render(<Frame state={state} voice={true} act={act} />, root));
/** What is on top: a layer that fades out is no longer the view. */
const seen = () => root.querySelector(".stage .layer:not(.leaving)") as HTMLElement;
const press = (action: string, offer?: number) => {
    const which = offer === undefined ? "" : `[data-offer="${offer}"]`;
    (seen().querySelector(`[data-action="${action}"]${which}`) as HTMLElement).click();
};

beforeEach(() => {
    root = document.createElement("div");
    document.body.append(root);
});
afterEach(() => {
    render(null, root);
    root.remove();
});

const tailored = make_screen({ mode: "tailored", decision: "00000000000000bb" });

describe("the kiosk page", () => {
    it("shows a shop before anything was heard", () => {
        draw(initial(null, at(0)));
        expect(root.textContent).toContain("Bienvenue à la Halle");
        expect(seen().textContent).not.toBe("");
    });

    it("plays the loop: one large offer, a strip of all", () => {
        draw(state_after(make_screen()));
        expect(root.querySelectorAll(".hero")).toHaveLength(1);
        expect(root.querySelectorAll(".thumb")).toHaveLength(3);
        (root.querySelectorAll(".thumb")[1] as HTMLElement).click();
        expect(act.slide).toHaveBeenCalledWith(1);
    });

    it("shows a conflict exactly as the loop", () => {
        draw(state_after(make_screen({ mode: "conflict" })));
        const conflict = seen().innerHTML;
        render(null, root);
        draw(state_after(make_screen({ mode: "ambient" })));
        expect(seen().innerHTML).toBe(conflict);
    });

    it("shows three tailored cards under a heading that names no one", () => {
        draw(state_after(tailored));
        expect(seen().querySelector("h1")?.textContent).toBe(
            "Choisi d’après ce que vous avez autorisé",
        );
        expect(seen().querySelectorAll(".offer")).toHaveLength(3);
        press("why", 2);
        expect(act.tap).toHaveBeenCalledWith("why", 2);
        press("dismiss", 3);
        expect(act.tap).toHaveBeenCalledWith("dismiss", 3);
    });

    it("keeps the elements of cards that stay when one is waved away", () => {
        const state = state_after(tailored);
        draw(state);
        const third = seen().querySelector('.offer[data-offer="3"]');
        draw(reduce(state, { is: "tap", kind: "dismiss", offer: 1, at: at(5) }).state);
        expect(seen().querySelector('.offer[data-offer="3"]')).toBe(third);
        expect(seen().querySelectorAll(".offer")).toHaveLength(2);
        expect(root.querySelector("[role=status]")?.textContent).toContain("C’est noté");
    });

    it("has the old frame under the new one, and out of reach, while it fades", () => {
        draw(state_after(make_screen()));
        draw(state_after(make_screen(), { is: "screen", screen: tailored, at: at(1) }));
        const layers = [...root.querySelectorAll(".stage > .fade > .layer")];
        expect(layers).toHaveLength(2);
        expect(layers[0]?.getAttribute("aria-hidden")).toBe("true");
        expect(layers[1]?.querySelectorAll(".offer")).toHaveLength(3);
    });

    it("draws a leaving view anew, so that no render holds on to the one before", () => {
        const passed: unknown[] = [];
        const draw_layer = () => {
            const made = <p>view</p>;
            passed.push(made);
            return made;
        };
        for (const id of ["a", "b", "c", "d"])
            settle(() => render(<Fade id={id} draw={draw_layer} />, root));
        expect(root.querySelectorAll(".layer")).toHaveLength(2);
        expect(new Set(passed).size).toBe(passed.length);
        expect(passed.length).toBeGreaterThan(4);
    });

    it("strikes the lowest price of the last 30 days and says what it is", () => {
        const reduced = make_screen({
            cards: [make_card({ offer: 1, price: 1590, prior_price: 1988 })],
        });
        draw(state_after(reduced, { is: "tap", kind: "open", offer: 1, at: at(1) }));
        expect(seen().querySelector("s")?.textContent).toMatch(/^19,88/);
        expect(seen().textContent).toContain("prix le plus bas des 30 derniers jours");
    });

    it("strikes nothing when nothing was reduced", () => {
        draw(state_after(make_screen({ cards: [make_card({ price: 1590, prior_price: 1590 })] })));
        expect(root.querySelector("s")).toBeNull();
    });

    it("says why in words, in the visitor's language, and generally where it was withheld", () => {
        const why = make_screen({
            mode: "tailored",
            cards: [
                make_card({
                    offer: 1,
                    why: [
                        { code: "you_often_buy", category: { fr: "", en: "" } },
                        { code: "popular_here", category: { fr: "", en: "" } },
                    ],
                }),
            ],
        });
        const asked: Action = { is: "tap", kind: "why", offer: 1, at: at(1) };
        draw(state_after(why, asked));
        expect(seen().textContent).toMatch(/Cela correspond à ce que vous aimez/);
        draw(state_after(why, asked, { is: "set", what: "language", at: at(2) }));
        expect(seen().textContent).toMatch(/Popular in this shop/);
        expect(root.querySelector(".kiosk")?.getAttribute("lang")).toBe("en");
    });

    it("draws the code with its time, and says when it is over", () => {
        const claim = { offer: 1, url: "http://shop/c/abc", valid_until: at(0).wall + 90_000 };
        const state = state_after({ ...tailored, claim });
        draw(state);
        expect(seen().querySelector("svg.qr path")?.getAttribute("d")?.length).toBeGreaterThan(500);
        expect(seen().textContent).toContain("1:30");
        draw(reduce(state, { is: "tick", at: at(91_000) }).state);
        expect(seen().querySelector("svg.qr")).toBeNull();
        expect(seen().textContent).toContain("Ce code n’est plus valable");
        press("again", 1);
        expect(act.again).toHaveBeenCalledWith(1);
    });

    it("asks over everything, with all below out of reach", () => {
        const state = state_after(tailored, { is: "tap", kind: "open", offer: 1, at: at(0) });
        draw(reduce(state, { is: "tick", at: at(30_000) }).state);
        expect(root.querySelector("[role=alertdialog]")?.textContent).toContain("20 secondes");
        expect((root.querySelector(".shopfront") as HTMLElement).inert).toBe(true);
    });

    it("says in words what it cannot promise", () => {
        const condition = { offline: true, offers_stale: true, recognition_off: true };
        draw(state_after(make_screen({ condition })));
        expect(root.querySelectorAll("[data-condition]")).toHaveLength(3);
        draw(state_after(make_screen(), { is: "link", live: false }));
        expect(root.querySelectorAll('[data-condition="offline"]')).toHaveLength(1);
    });

    it("offers no code without the agent", () => {
        draw(
            state_after(
                make_screen(),
                { is: "link", live: false },
                { is: "tap", kind: "open", offer: 1, at: at(1) },
            ),
        );
        expect(seen().querySelector('[data-action="save"]')).toBeNull();
    });

    it("treats hostile text as text", () => {
        const title = { fr: "<img src=x onerror=alert(1)>", en: "" };
        draw(state_after(make_screen({ cards: [make_card({ title })] })));
        expect(seen().querySelector("h1")?.textContent).toBe(title.fr);
        expect(seen().querySelector("img[src=x]")).toBeNull();
    });

    it("has no text entry and no style or script in its markup (P1, CSP)", () => {
        for (const state of [state_after(make_screen()), state_after(tailored)]) {
            draw(state);
            expect(
                root.querySelector("input, textarea, [contenteditable], [style], script"),
            ).toBeNull();
        }
    });

    it("falls back to the basket when a picture is missing", () => {
        draw(state_after(make_screen({ cards: [make_card({ image: "" })] })));
        expect(seen().querySelector("img")?.getAttribute("src")).toBe("/images/basket.svg");
    });
});
