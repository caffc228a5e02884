import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { prove_alive } from "../../src/kiosk/alive";
import { Shop } from "../../src/kiosk/app";
import { spoken } from "../../src/kiosk/speech";
import { initial, reduce, shown } from "../../src/kiosk/state";
import { at, FakeSource, fake_around, make_card, make_screen } from "../make";

vi.mock("../../src/kiosk/pictures", () => ({
    pictures_ready: (screen: { revision: number }) => late.get(screen.revision) ?? null,
}));
const late = new Map<number, Promise<void>>();
const posts: { path: string; body: unknown }[] = [];

beforeEach(() => {
    localStorage.clear();
    late.clear();
    posts.length = 0;
    FakeSource.all = [];
    vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
        posts.push({ path, body: JSON.parse(String(init.body)) });
        return new Response('{"accepted":true}', { status: 202 });
    });
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
});
afterEach(() => vi.unstubAllGlobals());

const opened = () => {
    const shop = new Shop("entree", localStorage, () => at(0));
    shop.follow(fake_around);
    return shop;
};
const hear = (part: object) => FakeSource.last.hear("screen", JSON.stringify(make_screen(part)));

describe("the shop", () => {
    it("posts a touch where the agent expects it", async () => {
        const shop = opened();
        expect(FakeSource.last.url).toBe("/events/kiosk/entree");
        hear({});
        shop.dispatch({ is: "tap", kind: "open", offer: 2, at: at(1) });
        await vi.waitFor(() => expect(posts).toHaveLength(1));
        expect(posts[0]).toEqual({
            path: "/api/v1/kiosks/entree/touches",
            body: { decision: "00000000000000aa", kind: "open", offer: 2 },
        });
    });

    it("keeps the last good frame when a bad one, or another kiosk's, comes", () => {
        const shop = opened();
        hear({ revision: 3 });
        FakeSource.last.hear("screen", "{");
        hear({ revision: 4, mode: "spy" });
        hear({ revision: 5, kiosk: "sortie" });
        expect(shop.state.screen?.revision).toBe(3);
    });

    it("waits for pictures, and never lets a late frame cover a newer one", async () => {
        const shop = opened();
        let ready: () => void = () => undefined;
        late.set(2, new Promise((resolve) => (ready = resolve)));
        hear({ revision: 1 });
        hear({ revision: 2 });
        expect(shop.state.screen?.revision).toBe(1);
        hear({ revision: 3 });
        ready();
        await Promise.resolve();
        await Promise.resolve();
        expect(shop.state.screen?.revision).toBe(3);
    });

    it("paints the kept loop first, without any network", () => {
        opened();
        hear({ revision: 9 });
        const again = new Shop("entree", localStorage, () => at(0));
        expect(shown(again.state)?.revision).toBe(9);
        expect(again.state.link).toBe("starting");
    });
});

describe("proof of life", () => {
    it("is told only after a painted frame, and counts up", () => {
        vi.useFakeTimers();
        const told: number[] = [];
        let paint: (() => void)[] = [];
        const stop = prove_alive((n) => told.push(n), { request: (done) => paint.push(done) });
        vi.advanceTimersByTime(60_000);
        expect(told).toEqual([]);
        expect(paint).toHaveLength(1);
        for (let i = 0; i < 3; i++) {
            const now = paint;
            paint = [];
            for (const done of now) done();
            vi.advanceTimersByTime(5_000);
        }
        expect(told).toEqual([1, 2, 3]);
        stop();
        vi.useRealTimers();
    });
});

describe("speech", () => {
    const say = (...actions: Parameters<typeof reduce>[1][]) =>
        spoken(
            actions.reduce((state, action) => reduce(state, action).state, initial(null, at(0))),
        );
    const screen = make_screen({
        mode: "tailored",
        cards: [
            make_card({
                offer: 1,
                why: [{ code: "you_often_buy", category: { fr: "Fromages", en: "Cheese" } }],
            }),
        ],
    });
    it("reads the cards", () => {
        expect(say({ is: "screen", screen, at: at(0) })).toMatch(/Choisi.*Comté, 15,90/);
    });
    it("never says aloud what is personal", () => {
        const text = say(
            { is: "screen", screen, at: at(0) },
            { is: "tap", kind: "why", offer: 1, at: at(1) },
        );
        expect(text).toContain("identifiez-vous");
        expect(text).not.toContain("Fromages");
    });
});
