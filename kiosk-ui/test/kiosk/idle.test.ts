import { describe, expect, it } from "vitest";
import { elapsed, type Idle, rest, touched } from "../../src/kiosk/idle";

const limits = { idle_after: 30_000, idle_grace: 20_000 };

describe("idle", () => {
    it("asks nothing of a screen that nobody touched", () => {
        expect(elapsed(rest, 1e9, limits)).toBe(rest);
    });

    it("asks after 30 s, and is over 20 s later", () => {
        const active = touched(0, limits);
        expect(elapsed(active, 29_999, limits)).toBe(active);
        const asking = elapsed(active, 30_000, limits) as Idle;
        expect(asking.at).toBe("asking");
        expect(elapsed(asking, 49_999, limits)).toBe(asking);
        expect(elapsed(asking, 50_000, limits)).toBe("over");
    });

    it("can be extended at least ten times (A4)", () => {
        let now = 0;
        let idle: Idle = touched(now, limits);
        for (let i = 0; i < 25; i++) {
            now += 30_000;
            idle = elapsed(idle, now, limits) as Idle;
            expect(idle.at).toBe("asking");
            now += 19_000;
            idle = touched(now, limits);
            expect(idle.at).toBe("active");
        }
    });

    it("asks before it resets, even after a suspended hour", () => {
        const asking = elapsed(touched(0, limits), 3_600_000, limits) as Idle;
        expect(asking).toEqual({ at: "asking", until: 3_620_000 });
    });
});
