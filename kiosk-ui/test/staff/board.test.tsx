import { render } from "preact";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Board } from "../../src/staff/board";
import type { StaffBoard, StaffEntry } from "../../src/staff/contract";
import { local, make_card, make_screen } from "../make";

let root: HTMLElement;
beforeEach(() => {
    root = document.createElement("div");
});
afterEach(() => render(null, root));

const entry = (part: Partial<StaffEntry> = {}): StaffEntry => ({
    ref: "a1",
    calls_me: "Mme Ana",
    wishes: "Flâner",
    kiosk: "kiosk-1",
    place: "Entrée",
    since: 1_800_000_000_000,
    tailored: true,
    often_buys: [local("Café")],
    favourites: [],
    last_visit_day: 0,
    next_best: [make_card({ why: [{ code: "running_out", category: local("Café", "Coffee") }] })],
    ...part,
});
const board = (members: StaffEntry[], part: Partial<StaffBoard> = {}): StaffBoard => ({
    revision: 1,
    members,
    present_not_shown: 0,
    condition: make_screen().condition,
    ...part,
});
const draw = (one: StaffBoard, language: "fr" | "en" = "fr") =>
    render(<Board board={one} language={language} />, root);

describe("the staff board", () => {
    it("shows who allows it, what to mention, and why in the third person", () => {
        draw(board([entry()]));
        expect(root.textContent).toContain("Mme Ana");
        expect(root.textContent).toContain("Bientôt à renouveler (Café)");
        expect(root.textContent).not.toContain("Vous ");
    });

    it("shows no history of one who does not allow personalised offers", () => {
        draw(
            board([entry({ tailored: false, calls_me: "", often_buys: [], next_best: [] })]),
            "en",
        );
        expect(root.textContent).toContain("without history");
        expect(root.querySelector(".tips, dl, .visit")).toBeNull();
        expect(root.querySelector("h2")?.textContent).toBe("Member");
    });

    it("says so when nobody is to be shown", () => {
        draw(board([]));
        expect(root.textContent).toContain("Personne à afficher");
    });

    it("counts who did not fit", () => {
        draw(board([entry()], { present_not_shown: 3 }));
        expect(root.textContent).toContain("et 3 autres");
    });

    it("has no search for customers (P12)", () => {
        draw(board([entry()]));
        expect(root.querySelector("input, form")).toBeNull();
    });
});
