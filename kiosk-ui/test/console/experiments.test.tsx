import { render } from "preact";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { experiments, type Known, kAskEvery, useExperiments } from "../../src/console/experiments";
import { Experiments } from "../../src/console/experiments_view";
import { chance, money_between, points_between } from "../../src/console/words";
import type { Language } from "../../src/shared/contract";
import { Bad } from "../../src/shared/json";

const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, " ");

const arms = [
    { name: "everyone", weight: 50, members: 210, responded: 31, took: 9, spent_cents: 182_300 },
    { name: "tailored", weight: 950, members: 0, responded: 0, took: 0, spent_cents: 0 },
];
const compared = {
    measure: "responded",
    arm: "tailored",
    against: "everyone",
    difference: 0.077,
    low: 0.021,
    high: 0.133,
    verdict: "higher",
};
const one = {
    id: "holdout",
    layer: "",
    arms,
    sample_ratio: { p: 0.43, alarm: false },
    comparisons: [compared],
};
const parse = (...list: unknown[]) => experiments({ experiments: list }, "experiments");

let root: HTMLElement;
beforeEach(() => {
    root = document.createElement("div");
});
afterEach(() => render(null, root));

function draw(list: unknown[], language: Language = "en") {
    const parsed = parse(...list);
    if (parsed instanceof Bad) throw new Error(parsed.toString());
    render(
        <Experiments known={{ list: parsed.experiments, failed: false }} language={language} />,
        root,
    );
    return plain(root.textContent ?? "");
}
const compare = (part: object) => draw([{ ...one, comparisons: [{ ...compared, ...part }] }]);
const row = () => root.querySelector("[data-measure]");

describe("experiments that are sent", () => {
    it("are read, without what no view needs", () => {
        const young = { ...compared, low: null, high: null, verdict: "too_few" };
        const parsed = parse(one, { ...one, id: "bread", layer: "rank", comparisons: [young] });
        expect(parsed).toMatchObject({
            experiments: [
                { id: "holdout", arms: [{ members: 210 }, {}], comparisons: [compared] },
                { layer: "rank", sample_ratio: { p: 0.43 }, comparisons: [young] },
            ],
        });
        expect(JSON.stringify(parsed)).not.toContain("weight");
    });
    it.each([
        ["a list", [], "experiments"],
        ["nothing", null, "experiments"],
        ["no list", { experiments: {} }, "experiments.experiments"],
        ["too many", { experiments: Array(101).fill(one) }, "experiments.experiments"],
    ])("are refused as %s", (_name, value, at) => {
        expect(experiments(value, "experiments")).toMatchObject({ at });
    });
    it.each([
        ["id", { id: 7 }],
        ["id", { id: "x".repeat(65) }],
        ["layer", { layer: null }],
        ["arms", { arms: Array(65).fill(arms[0]) }],
        ["arms[0].members", { arms: [{ ...arms[0], members: -1 }] }],
        ["arms[0].took", { arms: [{ ...arms[0], took: 0.5 }] }],
        ["arms[0].spent_cents", { arms: [{ ...arms[0], spent_cents: "9" }] }],
        ["sample_ratio", { sample_ratio: undefined }],
        ["sample_ratio.p", { sample_ratio: { p: 1.5, alarm: false } }],
        ["sample_ratio.alarm", { sample_ratio: { p: 0.5, alarm: "no" } }],
        ["comparisons", { comparisons: Array(401).fill(compared) }],
        ["comparisons[0].measure", { comparisons: [{ ...compared, measure: "__proto__" }] }],
        ["comparisons[0].verdict", { comparisons: [{ ...compared, verdict: "constructor" }] }],
        ["comparisons[0].low", { comparisons: [{ ...compared, low: Number.NaN }] }],
        ["comparisons[0].difference", { comparisons: [{ ...compared, difference: "<b>" }] }],
    ])("are refused for %s: case %#", (at, part) => {
        expect(parse({ ...one, ...part })).toMatchObject({
            at: `experiments.experiments[0].${at}`,
        });
    });
});

describe("experiments that are shown", () => {
    it("have their arms, with shares of members and no share of none", () => {
        draw([one]);
        expect(root.querySelector("h3")?.textContent).toBe("Tailored against everyone’s content");
        expect(plain(root.querySelector("[data-arm='everyone']")?.textContent ?? "")).toBe(
            "everyone’s content21014.8%4.3%€8.68",
        );
        expect(root.querySelector("[data-arm='tailored']")?.textContent).toBe("tailored0–––");
    });
    it("bear the policy's names but for the holdout, and say their layer", () => {
        expect(draw([{ ...one, id: "bread", layer: "ranking" }], "fr")).toMatch(
            /bread couche ranking.*everyone210/,
        );
        expect(draw([one], "fr")).toContain("contenu choisi face à contenu pour tous");
        expect(root.querySelector("small")).toBeNull();
    });
    it("have a name for each of their tables", () => {
        draw([one]);
        expect(
            [...root.querySelectorAll("table")].map((table) => table.getAttribute("aria-label")),
        ).toEqual([
            "Tailored against everyone’s content, arms",
            "Tailored against everyone’s content, comparisons",
        ]);
    });
    it("say a difference, its interval and what it comes to", () => {
        expect(compare({})).toContain("+7.7 points (2.1 to 13.3)");
        expect(row()?.textContent).toMatch(/^Responded.*higher$/);
        expect(row()?.querySelector("svg")).not.toBeNull();
    });
    it.each([
        ["lower", "lower"],
        ["undecided", "undecided"],
        ["too_few", "too few to tell"],
        ["sample_ratio", "not to be trusted"],
    ])("say in words and by an icon of its own that one is %s", (verdict, words) => {
        compare({});
        const icon = row()?.querySelector("svg")?.innerHTML;
        compare({ verdict });
        expect(row()?.textContent).toContain(words);
        expect(row()?.querySelector("svg")?.innerHTML).not.toBe(icon);
    });
    it("say no difference without its interval", () => {
        compare({ verdict: "too_few", low: null, high: null });
        expect(row()?.textContent).toContain("–");
        expect(row()?.textContent).not.toContain("7.7");
    });
    it("warn where arms have the wrong sizes, and then conclude nothing", () => {
        expect(draw([one])).not.toContain("sizes");
        const text = draw([{ ...one, sample_ratio: { p: 0.00002, alarm: true } }]);
        expect(text).toContain("nothing below can be trusted (p < 0.001)");
        expect(root.querySelectorAll(".warning")).toHaveLength(1);
        expect(row()?.textContent).toMatch(/–.*not to be trusted$/);
        expect(text).not.toContain("higher");
    });
    it("are said to be none", () => {
        expect(draw([])).toContain("No experiment is running.");
        expect(draw([], "fr")).toContain("Aucune expérience en cours.");
        expect(root.querySelector("table")).toBeNull();
    });
    it("write a hostile name as text", () => {
        draw([{ ...one, id: "<img src=x>", arms: [{ ...arms[0], name: "<b>a</b>" }] }]);
        expect(root.querySelector("img, b")).toBeNull();
    });
});

describe("differences in words", () => {
    it("are written as each language does", () => {
        const points = (...of: [number, number, number]) => plain(points_between(...of, "fr"));
        expect(points(0.0772, 0.0214, 0.1331)).toBe("+7,7 points (2,1 à 13,3)");
        expect(points(-0.0321, -0.081, 0.017)).toBe("−3,2 points (−8,1 à 1,7)");
        expect(points(0.012, 0, 0.02)).toBe("+1,2 point (0,0 à 2,0)");
        expect(plain(points_between(0.01, 0, 0.02, "en"))).toBe("+1.0 point (0.0 to 2.0)");
        expect(plain(money_between(120, -30.4, 210, "en"))).toBe("+€1.20 (−€0.30 to €2.10)");
        expect(plain(money_between(-120, -210, 30, "fr"))).toBe("−1,20 € (−2,10 € à 0,30 €)");
    });
    it("round to nothing without a sign", () => {
        expect(plain(points_between(-0.0001, -0.0004, 0.0004, "en"))).toBe(
            "0.0 points (0.0 to 0.0)",
        );
        expect(money_between(-0.2, -0.4, 0.4, "en")).toBe("€0.00 (€0.00 to €0.00)");
    });
    it("say how likely", () => {
        expect([0.0432, 0.00002, 0].map((p) => plain(chance(p, "fr")))).toEqual([
            "p = 0,043",
            "p < 0,001",
            "p < 0,001",
        ]);
    });
});

describe("asking for experiments", () => {
    let reply: { status: number; body?: unknown };
    let seen: Known | null;
    const asked = vi.fn(async (_path: string) => {
        if (reply.status === 0) throw new TypeError("no network");
        return new Response(JSON.stringify(reply.body ?? {}), { status: reply.status });
    });
    function Asking() {
        seen = useExperiments();
        return null;
    }
    const good = { status: 200, body: { experiments: [one] } };
    const answer = async (next: typeof reply) => {
        reply = next;
        await vi.advanceTimersByTimeAsync(kAskEvery);
    };

    beforeEach(async () => {
        vi.useFakeTimers();
        vi.spyOn(console, "warn").mockImplementation(() => undefined);
        asked.mockClear();
        vi.stubGlobal("fetch", asked);
        reply = good;
        render(<Asking />, root);
        // Effects run after a frame, which happy-dom draws on real time.
        await vi.advanceTimersByTimeAsync(1000);
    });
    afterEach(() => {
        render(null, root);
        vi.useRealTimers();
        vi.unstubAllGlobals();
    });

    it("goes on until the page goes", async () => {
        expect(asked.mock.calls).toEqual([["/api/v1/experiments", expect.anything()]]);
        expect(seen).toMatchObject({ list: [{ id: "holdout" }], failed: false });
        await answer({ status: 200, body: { experiments: [] } });
        expect(seen).toEqual({ list: [], failed: false });
        render(null, root);
        await vi.advanceTimersByTimeAsync(3 * kAskEvery);
        expect(asked).toHaveBeenCalledTimes(2);
    });
    it("shows nothing of an older centre", async () => {
        await answer({ status: 404 });
        expect(seen).toBeNull();
        expect(console.warn).not.toHaveBeenCalled();
    });
    it.each([
        { status: 0 },
        { status: 500 },
        { status: 200, body: { experiments: [{ ...one, arms: 7 }] } },
    ])("keeps the last good ones after %j, and says so", async (bad) => {
        await answer(bad);
        expect(seen).toMatchObject({ list: [{ id: "holdout" }], failed: true });
        render(<Experiments known={seen as Known} language="en" />, root);
        expect(root.querySelector("[role=status]")?.textContent).toContain("cannot be read");
        expect(root.querySelector("table")).not.toBeNull();
    });
    it("leaves a login that ended to the session", async () => {
        await answer({ status: 401 });
        expect(seen).toMatchObject({ failed: false });
    });
});
