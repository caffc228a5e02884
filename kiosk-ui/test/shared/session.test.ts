import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { integer, record } from "../../src/shared/json";
import { Session } from "../../src/shared/session";
import { FakeSource, fake_around } from "../make";

type Reply = { status: number; body?: unknown; headers?: Record<string, string> } | null;
let replies: Record<string, Reply> = {};
const asked: { path: string; init: RequestInit | undefined }[] = [];

const places = {
    login: "/login",
    logout: "/logout",
    load: "/board",
    events: "/events",
    event: "board",
    parser: record<{ n: number }>({ n: integer() }),
};
const session = () => new Session(places, fake_around);

beforeEach(() => {
    vi.useFakeTimers();
    FakeSource.all = [];
    asked.length = 0;
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    vi.stubGlobal("fetch", async (path: string, init?: RequestInit) => {
        asked.push({ path, init });
        const reply = replies[path];
        if (!reply) return Promise.reject(new TypeError("no network"));
        return new Response(reply.status === 204 ? null : JSON.stringify(reply.body ?? {}), {
            status: reply.status,
            headers: reply.headers ?? {},
        });
    });
});
afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
});

describe("a session", () => {
    it("asks for a login when none holds", async () => {
        replies = { "/board": { status: 401 } };
        const one = session();
        await one.start();
        expect(one.state).toMatchObject({ who: "out", data: null });
        expect(FakeSource.all).toHaveLength(0);
    });

    it("shows and follows once logged in", async () => {
        replies = { "/login": { status: 204 }, "/board": { status: 200, body: { n: 1 } } };
        const one = session();
        await one.login("ines", "halle");
        expect(one.state).toMatchObject({ who: "in", data: { n: 1 } });
        FakeSource.last.hear("board", '{"n":2}');
        expect(one.state.data).toEqual({ n: 2 });
        FakeSource.last.hear("board", '{"n":"many"}');
        expect(one.state.data).toEqual({ n: 2 });
        one.stop();
    });

    it("posts with the header that a foreign page cannot send", async () => {
        replies = { "/login": { status: 401 } };
        await session().login("ines", "non");
        expect(new Headers(asked[0]?.init?.headers).get("X-Vitrine")).toBe("1");
        expect(asked[0]?.init?.body).toBe('{"user":"ines","password":"non"}');
    });

    it.each([
        [{ status: 401 }, { is: "wrong" }],
        [
            { status: 429, headers: { "Retry-After": "30" } },
            { is: "wait", seconds: 30 },
        ],
        [
            { status: 429, headers: { "Retry-After": "soon" } },
            { is: "wait", seconds: 60 },
        ],
        [{ status: 500 }, { is: "unreachable" }],
        [null, { is: "unreachable" }],
    ])("words the failed login %j", async (reply, error) => {
        replies = { "/login": reply as Reply };
        const one = session();
        await one.login("ines", "x");
        expect(one.state).toMatchObject({ who: "out", error, busy: false });
    });

    it("drops what it showed when the login ended meanwhile", async () => {
        replies = { "/board": { status: 200, body: { n: 1 } } };
        const one = session();
        await one.start();
        replies = { "/board": { status: 401 } };
        FakeSource.last.fail(true);
        await vi.advanceTimersByTimeAsync(0);
        expect(one.state).toMatchObject({ who: "out", data: null });
        await vi.advanceTimersByTimeAsync(60_000);
        expect(FakeSource.all).toHaveLength(1);
    });

    it("drops what it showed on logout before the server answers", async () => {
        replies = { "/board": { status: 200, body: { n: 1 } }, "/logout": null };
        const one = session();
        await one.start();
        const leaving = one.logout();
        expect(one.state.data).toBeNull();
        await leaving;
        expect(asked.at(-1)?.path).toBe("/logout");
    });

    it("keeps trying while nobody answers at the start", async () => {
        replies = { "/board": null };
        const one = session();
        await one.start();
        expect(one.state.who).toBe("unknown");
        replies = { "/board": { status: 200, body: { n: 3 } } };
        await vi.advanceTimersByTimeAsync(5_000);
        expect(one.state.data).toEqual({ n: 3 });
        one.stop();
    });
});
