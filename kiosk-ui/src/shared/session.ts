/**
 * A page behind a login: asks who one is, loads one document, and follows it on a stream. What was
 * shown is dropped at once when the login ends.
 */
import { Bad, type Parser, read } from "./json";
import { type Answer, get, post } from "./post";
import { backoff, browser, listen, type Surroundings } from "./stream";

export type LoginError = { is: "wrong" } | { is: "wait"; seconds: number } | { is: "unreachable" };

export interface SessionState<T> {
    who: "unknown" | "out" | "in";
    data: T | null;
    /** Events flow; else what is shown may be old. */
    live: boolean;
    error: LoginError | null;
    busy: boolean;
}

export interface Places<T> {
    login: string;
    logout: string;
    load: string;
    events: string;
    event: string;
    parser: Parser<T>;
}

export class Session<T> {
    state: SessionState<T> = { who: "unknown", data: null, live: false, error: null, busy: false };
    private changed: () => void = () => undefined;
    private hang_up: (() => void) | null = null;
    private retrying: ReturnType<typeof setTimeout> | undefined;
    private attempt = 0;

    constructor(
        private readonly places: Places<T>,
        private readonly around: Surroundings = browser,
    ) {}

    watch(changed: () => void): void {
        this.changed = changed;
    }

    /** Finds out whether a login of before still holds; tries until somebody answers. */
    async start(): Promise<void> {
        const answer = await get(this.places.load);
        if (answer.status === 401) return this.out(null);
        const data = this.understood(answer);
        if (data === null) {
            this.retrying = setTimeout(
                () => void this.start(),
                backoff(this.attempt++, this.around.random()),
            );
            return;
        }
        this.attempt = 0;
        this.set({ who: "in", data, live: true, error: null });
        this.follow();
    }

    async login(user: string, password: string): Promise<void> {
        if (this.state.busy) return;
        this.set({ busy: true, error: null });
        const answer = await post(this.places.login, { user, password });
        this.set({ busy: false });
        if (answer.status === 204 || answer.status === 200) return this.start();
        this.out(error_of(answer));
    }

    async logout(): Promise<void> {
        this.out(null);
        await post(this.places.logout, {});
    }

    stop(): void {
        clearTimeout(this.retrying);
        this.hang_up?.();
        this.hang_up = null;
    }

    private understood(answer: Answer): T | null {
        if (answer.status !== 200) return null;
        const parsed = this.places.parser(answer.body, this.places.event);
        if (!(parsed instanceof Bad)) return parsed;
        console.warn(parsed.toString());
        return null;
    }

    private follow(): void {
        this.hang_up?.();
        this.hang_up = listen(
            this.places.events,
            this.places.event,
            {
                on: (text) => {
                    const parsed = read(text, this.places.parser, this.places.event);
                    if (parsed instanceof Bad) console.warn(parsed.toString());
                    else this.set({ data: parsed });
                },
                live: (live) => {
                    if (live !== this.state.live) this.set({ live });
                },
                // A closed stream may mean that the login ended: ask.
                refused: () => void this.check(),
            },
            this.around,
        );
    }

    private async check(): Promise<void> {
        const answer = await get(this.places.load);
        if (answer.status === 401) return this.out(null);
        const data = this.understood(answer);
        if (data !== null && this.state.who === "in") this.set({ data });
    }

    private out(error: LoginError | null): void {
        this.stop();
        this.set({ who: "out", data: null, live: false, error });
    }

    private set(part: Partial<SessionState<T>>): void {
        this.state = { ...this.state, ...part };
        this.changed();
    }
}

function error_of(answer: Answer): LoginError {
    if (answer.status === 429) return { is: "wait", seconds: answer.retry_after ?? 60 };
    if (answer.status >= 400 && answer.status < 500) return { is: "wrong" };
    return { is: "unreachable" };
}
