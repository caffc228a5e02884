import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { backoff, kBackoffMax, kSilence, listen } from "../../src/shared/stream";
import { FakeSource, fake_around } from "../make";

let heard: unknown[] = [];
let live: boolean[] = [];
let refusals = 0;
let stop: () => void = () => undefined;

const start = () => {
    stop = listen(
        "/events/kiosk/entree",
        "screen",
        {
            on: (data) => heard.push(data),
            live: (flowing) => live.push(flowing),
            refused: () => refusals++,
        },
        fake_around,
    );
};

beforeEach(() => {
    vi.useFakeTimers();
    FakeSource.all = [];
    heard = [];
    live = [];
    refusals = 0;
});
afterEach(() => {
    stop();
    vi.useRealTimers();
});

describe("the stream", () => {
    it("hands on what it hears, in order", () => {
        start();
        FakeSource.last.hear("screen", "1");
        FakeSource.last.hear("screen", "2");
        expect(heard).toEqual(["1", "2"]);
        expect(live.every((one) => one)).toBe(true);
    });

    it("leaves a broken connection to EventSource, which retries by itself", () => {
        start();
        FakeSource.last.hear("screen", "1");
        FakeSource.last.fail(false);
        vi.advanceTimersByTime(10_000);
        expect(FakeSource.all).toHaveLength(1);
    });

    it("opens another source when this one was closed for ever", () => {
        start();
        FakeSource.last.fail(true);
        expect(refusals).toBe(1);
        vi.advanceTimersByTime(1_000);
        expect(FakeSource.all).toHaveLength(2);
        FakeSource.last.hear("screen", "after");
        expect(heard).toEqual(["after"]);
    });

    it("takes 25 s without a word for death, and tries again", () => {
        start();
        FakeSource.last.hear("screen", "1");
        const first = FakeSource.last;
        vi.advanceTimersByTime(kSilence - 1);
        expect(live).not.toContain(false);
        vi.advanceTimersByTime(1);
        expect(live.at(-1)).toBe(false);
        expect(first.closed).toBe(true);
        vi.advanceTimersByTime(1_000);
        expect(FakeSource.all).toHaveLength(2);
    });

    it("is kept alive by heartbeats alone", () => {
        start();
        for (let i = 0; i < 20; i++) {
            vi.advanceTimersByTime(10_000);
            FakeSource.last.hear("heartbeat");
        }
        expect(FakeSource.all).toHaveLength(1);
        expect(live).not.toContain(false);
    });

    it("is declared lost in time even by a server that refuses at once, again and again", () => {
        start();
        FakeSource.last.hear("screen", "1");
        for (let second = 0; second < 26; second++) {
            if (!FakeSource.last.closed) FakeSource.last.fail(true);
            vi.advanceTimersByTime(1_000);
        }
        expect(live.at(-1)).toBe(false);
    });

    it("goes on for days, and comes back when the agent does", () => {
        start();
        for (let i = 0; i < 3_000; i++) {
            FakeSource.last.fail(true);
            vi.advanceTimersByTime(kBackoffMax);
        }
        const tries = FakeSource.all.length;
        expect(tries).toBeGreaterThan(2_900);
        FakeSource.last.hear("screen", "at last");
        expect(heard).toEqual(["at last"]);
        expect(live.at(-1)).toBe(true);
        FakeSource.last.fail(true);
        vi.advanceTimersByTime(1_000);
        expect(FakeSource.all.length).toBe(tries + 1);
    });

    it("ignores a source that it gave up", () => {
        start();
        const first = FakeSource.last;
        first.fail(true);
        vi.advanceTimersByTime(1_000);
        first.hear("screen", "from the grave");
        expect(heard).toEqual([]);
    });

    it("never has two sources open", () => {
        start();
        for (let i = 0; i < 200; i++) {
            vi.advanceTimersByTime(7_000);
            if (i % 3 === 0) FakeSource.last.fail(true);
        }
        expect(
            FakeSource.all.filter((one) => !one.closed && one.readyState !== 2).length,
        ).toBeLessThan(2);
    });

    it("stops when told to", () => {
        start();
        stop();
        vi.advanceTimersByTime(10 * kSilence);
        expect(FakeSource.all).toHaveLength(1);
        expect(FakeSource.last.closed).toBe(true);
        expect(live).toEqual([]);
    });
});

describe("the back-off", () => {
    it("doubles up to its limit, half of it by chance", () => {
        expect(backoff(0, 0)).toBe(500);
        expect(backoff(0, 1)).toBe(1_000);
        expect(backoff(3, 1)).toBe(8_000);
        expect(backoff(50, 1)).toBe(kBackoffMax);
        expect(backoff(5_000, 0)).toBe(kBackoffMax / 2);
    });
});
