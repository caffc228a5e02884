/** Builders: a valid value, of which a test names only what it is about. */
import type { At } from "../src/shared/clock";
import type { Card, Screen } from "../src/shared/contract";

export const local = (fr: string, en = `${fr} (en)`) => ({ fr, en });

export const make_card = (part: Partial<Card> = {}): Card => ({
    offer: 7,
    title: local("Comté"),
    detail: local("Fruité"),
    terms: local("Dans la limite des stocks"),
    category: local("Fromages"),
    image: "/images/cheese.svg",
    value_kind: "price",
    value: 1590,
    price: 1590,
    prior_price: null,
    unit_price: "15,90 €/kg",
    valid_until: null,
    saved: false,
    why: [{ code: "everyone", category: { fr: "", en: "" } }],
    ...part,
});

export const make_screen = (part: Partial<Screen> = {}): Screen => ({
    kiosk: "entree",
    revision: 1,
    mode: "ambient",
    decision: "00000000000000aa",
    language: "fr",
    cards: [make_card({ offer: 1 }), make_card({ offer: 2 }), make_card({ offer: 3 })],
    claim: null,
    check_in: null,
    verified: null,
    condition: { offline: false, offers_stale: false, recognition_off: false },
    idle_after: 30_000,
    idle_grace: 20_000,
    ...part,
});

export const at = (mono: number, wall = 1_800_000_000_000 + mono): At => ({ mono, wall });

/** An EventSource that does what the test says. */
export class FakeSource {
    static all: FakeSource[] = [];
    static get last(): FakeSource {
        const last = FakeSource.all.at(-1);
        if (!last) return new FakeSource("never opened");
        return last;
    }
    readyState = 0;
    onerror: ((event: Event) => unknown) | null = null;
    closed = false;
    private listeners = new Map<string, (event: MessageEvent) => void>();

    constructor(readonly url: string) {
        FakeSource.all.push(this);
    }
    addEventListener(name: string, listener: (event: MessageEvent) => void): void {
        this.listeners.set(name, listener);
    }
    close(): void {
        this.closed = true;
        this.readyState = 2;
    }
    hear(name: string, data = ""): void {
        this.listeners.get(name)?.(new MessageEvent(name, { data }));
    }
    /** `gone`: as after a 503 or a wrong content type, EventSource gives up. */
    fail(gone: boolean): void {
        this.readyState = gone ? 2 : 0;
        this.onerror?.(new Event("error"));
    }
}

export const fake_around = {
    open: (url: string) => new FakeSource(url),
    random: () => 0.5,
};
