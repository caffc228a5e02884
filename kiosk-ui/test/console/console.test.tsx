import { render } from "preact";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Overview, overview } from "../../src/console/overview";
import { Console } from "../../src/console/view";
import { ago, lag, size } from "../../src/console/words";
import { Bad } from "../../src/shared/json";
import { local } from "../make";

// The plot draws on a canvas, which only a browser has.
vi.mock("../../src/console/plot", () => ({ Plot: () => <div class="plot" /> }));

const sent = {
    central: {
        version: "0.1.0",
        started: 1,
        records_merged: 1234,
        dead_letters: 0,
        signing_key: "k",
    },
    kpis: { visits: 1, impressions: 2, clicks: 3, dismissals: 4, saves: 5, claims: 6, ctr: 0.5 },
    bundles: [{ kind: "model", store: "", epoch: 3, published: 1, bytes: 40120 }],
    members: {
        enrolled: 9,
        recognise: 8,
        personalise: 7,
        staff_view: 6,
        measure: 5,
        context: 4,
        erased: 3,
    },
    stores: [
        {
            store: "lyon",
            agents: [
                {
                    agent: "halle-1",
                    online: true,
                    last_seen: 1,
                    epoch: "69a1f03c5e7d2b48",
                    watermark: 12,
                    lag_seconds: 1.5,
                    records: 12,
                    backlog: 0,
                    gaps: 0,
                    losses: { impressions: 1200, unsendable: 1 },
                    epochs: { model: 3, catalogue: 2 },
                },
            ],
        },
    ],
    offers: [{ offer: 1, title: local("Pain"), views: 0, clicks: 0, dismissals: 0, saves: 0 }],
    series: [
        { t: 1, records: 1, clicks: 0, views: 0 },
        { t: 2, records: 1, clicks: 0, views: 0 },
    ],
};

let root: HTMLElement;
beforeEach(() => {
    root = document.createElement("div");
    // Of its experiments, the centre says nothing: experiments.test.tsx has them.
    vi.stubGlobal("fetch", async () => new Response(null, { status: 404 }));
});
afterEach(() => {
    render(null, root);
    vi.unstubAllGlobals();
});
const draw = (part: object = {}) => {
    const data = overview({ ...sent, ...part }, "overview");
    expect(data).not.toBeInstanceOf(Bad);
    render(<Console data={data as Overview} language="en" />, root);
};
const agent = (part: object) => ({
    stores: [{ store: "lyon", agents: [{ ...sent.stores[0]?.agents[0], ...part }] }],
});

describe("the console", () => {
    it("shows stores, lag and records merged", () => {
        draw();
        expect(root.textContent).toContain("1,234");
        expect(root.querySelector('[data-agent="halle-1"]')?.textContent).toMatch(
            /lyon.*up to date.*2 s/,
        );
        expect(root.textContent).toContain("catalogue 2, model 3");
        expect(root.textContent).toContain("1,200 views, 1 that nobody took");
    });
    it.each([
        [{ online: false }, "Offline"],
        [{ lag_seconds: 600 }, "behind"],
        [{ gaps: 2 }, "behind"],
    ])("says in words that an agent is %j", (part, word) => {
        draw(agent(part));
        expect(root.querySelector(".state")?.textContent).toContain(word);
    });
    it("shows what an agent never told as unknown, not as nothing", () => {
        draw(agent({ last_seen: null, lag_seconds: null, backlog: null }));
        expect(root.querySelector("tbody tr")?.textContent).toMatch(/never–/);
    });
    it("divides nothing by nothing", () => {
        draw();
        expect(root.textContent).not.toContain("NaN");
    });
    it("knows no share of no views", () => {
        draw({ kpis: { ...sent.kpis, impressions: 0, clicks: 0, ctr: null } });
        expect(root.textContent).toContain("Click-through–");
    });
    it("stands empty", () => {
        draw({ stores: [], offers: [], bundles: [], series: [] });
        expect(root.textContent?.match(/Nothing yet/g)).toHaveLength(6);
        expect(root.querySelector(".plot")).toBeNull();
    });
    it("refuses figures that are texts", () => {
        expect(overview({ ...sent, kpis: { ...sent.kpis, ctr: "0.5" } }, "o")).toMatchObject({
            at: "o.kpis.ctr",
        });
    });
});

describe("its words", () => {
    it("say how long ago and how much", () => {
        expect(ago(0, 45_000, "en")).toBe("45 s ago");
        expect(ago(0, 600_000, "fr")).toBe("il y a 10 min");
        expect(ago(10_000, 0, "en")).toBe("0 s ago");
        expect([11, 600, 5400].map((one) => lag(one, "fr"))).toEqual(["11 s", "10 min", "1,5 h"]);
        expect(lag(5400, "en")).toBe("1.5 h");
        expect([size(12, "fr"), size(40_120, "en")]).toEqual(["12 o", "40.1 kB"]);
    });
});

describe("data quality on the console", () => {
    const quality = {
        imports: [
            {
                kind: "purchases",
                file: "p.csv",
                started: 1,
                finished: 2,
                rows: 10,
                taken: 8,
                refused: 2,
                findings: [
                    {
                        flaw: "impossible",
                        column: "day",
                        reason: "is in the future",
                        refused: true,
                        count: 2,
                        lines: [3, 8],
                    },
                    {
                        flaw: "impossible",
                        column: "quantity",
                        reason: "expected a whole number from 1 to 10000",
                        refused: false,
                        count: 1,
                        lines: [9],
                    },
                ],
                columns: [
                    { name: "cents", required: false, given: 5 },
                    { name: "order", required: false, given: 0 },
                ],
            },
            {
                kind: "visits",
                file: "v.csv",
                started: 1,
                finished: null,
                rows: 1,
                taken: 1,
                refused: 0,
                findings: [],
                columns: [],
            },
        ],
        dead_letters: [
            { store: "lyon", agent: "a", kind: "cloned", reason: "why", count: 3, last: 1 },
        ],
        agents: [{ store: "lyon", agent: "a", given_up: 4, ahead_seconds: 310, cloned: 0 }],
        members_without_activity: 1,
    };

    it("says what was found in each file, where, and what is empty", () => {
        draw({ quality });
        const row = root.querySelector("[data-import='p.csv']");
        expect(row?.textContent).toContain("2 refused");
        expect(row?.textContent).toContain(
            "Impossible: 2 × day is in the future lines 3, 8 · refused",
        );
        expect(row?.textContent).toMatch(
            /quantity is no whole number from 1 to 10,000 line 9(?! ·)/,
        );
        expect(row?.textContent).toMatch(/Empty: cents 50.?%Never given: order/);
        expect(root.querySelector("[data-import='v.csv']")?.textContent).toContain(
            "stopped in the middle",
        );
        expect(root.querySelector("[data-quality-of='a']")?.textContent).toContain("5 min");
        expect(root.textContent).toContain("of a copied agent");
        expect(root.textContent).toContain("1 member has never bought");
    });

    it("says first what kept rows out", () => {
        const [one] = quality.imports;
        draw({
            quality: {
                ...quality,
                imports: [{ ...one, findings: [...(one?.findings ?? [])].reverse() }],
            },
        });
        const said = [...root.querySelectorAll("[data-import='p.csv'] .flaws li")];
        expect(said.map((each) => each.className)).toEqual(["refused", "", "", ""]);
    });

    it("has nothing to say of a centre that tells nothing of it", () => {
        draw({});
        expect(root.querySelector("[data-section='quality']")?.textContent).toContain("Nothing");
    });
});

describe("fairness on the console", () => {
    const fairness = {
        days: 90,
        members_min: 20,
        groups: [
            { dimension: "age_band", value: "18-59", members: 40, benefit_cents_per_member: 210 },
            { dimension: "age_band", value: "60+", members: null },
        ],
        comparisons: [
            {
                dimension: "age_band",
                value: "18-59",
                measure: "taken",
                rate: 0.12,
                verdict: "alarm",
            },
        ],
        findings: [
            {
                id: 7,
                state: "open",
                opened: 1,
                dimension: "age_band",
                value: "60+",
                best: "18-59",
                measure: "shown",
                offer: 0,
                ratio: 0.43,
            },
        ],
    };

    it("shows alarms, hides small groups, and says what was found", () => {
        draw({ fairness });
        expect(root.querySelector("[data-verdict='alarm']")?.textContent).toContain("alarm");
        expect(root.querySelector("[data-group='age_band/60+']")?.textContent).toContain(
            "fewer than 20",
        );
        expect(root.querySelector("[data-finding='7']")?.textContent).toMatch(
            /60\+.*Shown: 43.?% of the share of 18-59/,
        );
    });

    it("sends the reason of who signs a finding off, and says when that failed", async () => {
        const asked = vi.fn(async (path: string, _init: RequestInit) => ({
            status: path.includes("sign-off") ? 409 : 404,
            headers: new Headers(),
            json: async () => null,
        }));
        vi.stubGlobal("fetch", asked);
        draw({ fairness });
        const form = root.querySelector<HTMLFormElement>("form.sign");
        const field = form?.querySelector<HTMLInputElement>("input");
        if (field) field.value = "A campaign for students";
        form?.dispatchEvent(new Event("submit", { cancelable: true, bubbles: true }));
        await vi.waitFor(() => expect(root.textContent).toContain("Not signed off"));
        const sent_to = asked.mock.calls.find(([path]) => path.includes("fairness"));
        expect(sent_to?.[0]).toBe("/api/v1/fairness/findings/7/sign-off");
        expect(JSON.parse(String(sent_to?.[1].body))).toEqual({
            reason: "A campaign for students",
        });
    });
});
