/**
 * One server's event stream, kept alive for ever. EventSource retries a broken connection by itself
 * but gives up for good on a wrong answer (REQUIREMENTS K6) and never notices a dead peer: both are
 * dealt with here.
 */

/** What is used of EventSource; tests bring their own. */
export interface Source {
    readonly readyState: number;
    onerror: ((event: Event) => unknown) | null;
    addEventListener(name: string, listener: (event: MessageEvent) => void): void;
    close(): void;
}

export interface Handlers {
    /** The named event's data. */
    on(data: unknown): void;
    /** true when events flow; false once nothing was heard for `kSilence`. */
    live(flowing: boolean): void;
    /** The server closed the stream: it may want a login. */
    refused?(): void;
}

export interface Surroundings {
    open(url: string): Source;
    /** 0 up to but without 1. */
    random(): number;
}

/** The server beats every 10 s: two and a half beats without a word mean that nobody is there. */
export const kSilence = 25_000;
export const kBackoffFirst = 1_000;
export const kBackoffMax = 30_000;

const kClosed = 2;

/** How long to wait before try number `attempt` (from 0): doubling, capped, half of it by chance. */
export const backoff = (attempt: number, random: number): number =>
    Math.min(kBackoffMax, kBackoffFirst * 2 ** Math.min(attempt, 20)) * (0.5 + random / 2);

export const browser: Surroundings = {
    open: (url) => new EventSource(url),
    random: () => Math.random(),
};

type Timer = ReturnType<typeof setTimeout> | undefined;

/** Listens until the returned function is called. */
export function listen(
    url: string,
    event: string,
    handlers: Handlers,
    around: Surroundings = browser,
): () => void {
    let source: Source | null = null;
    let attempt = 0;
    // Since the last word from anybody; runs on over retries, so that a server which refuses at
    // once is declared lost no later than one that says nothing.
    let silence: Timer;
    // Of the source at hand: the next word, or else another source.
    let deadline: Timer;
    let retrying: Timer;

    function arm_silence(): void {
        clearTimeout(silence);
        silence = setTimeout(() => handlers.live(false), kSilence);
    }

    function arm_deadline(): void {
        clearTimeout(deadline);
        deadline = setTimeout(retry, kSilence);
    }

    function heard(): void {
        attempt = 0;
        arm_silence();
        arm_deadline();
        handlers.live(true);
    }

    function retry(): void {
        source?.close();
        source = null;
        clearTimeout(deadline);
        clearTimeout(retrying);
        retrying = setTimeout(open, backoff(attempt++, around.random()));
    }

    function open(): void {
        const opened = around.open(url);
        source = opened;
        arm_deadline();
        opened.addEventListener("heartbeat", () => {
            if (source === opened) heard();
        });
        opened.addEventListener(event, (message) => {
            if (source !== opened) return;
            heard();
            handlers.on(message.data);
        });
        opened.onerror = () => {
            if (source !== opened || opened.readyState !== kClosed) return;
            handlers.refused?.();
            // Whoever was told may have hung up.
            if (source === opened) retry();
        };
    }

    arm_silence();
    open();
    return () => {
        clearTimeout(silence);
        clearTimeout(deadline);
        clearTimeout(retrying);
        source?.close();
        source = null;
    };
}
