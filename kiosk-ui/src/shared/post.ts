/** The one place that talks back. Every POST carries the header that a foreign page cannot send. */

export interface Answer {
    /** HTTP status; 0 when no answer came. */
    status: number;
    /** Parsed JSON, or null. Not yet trusted. */
    body: unknown;
    /** Seconds to wait before another try, where the server said so. */
    retry_after: number | null;
}

const kAnswerWithin = 5_000;

async function ask(path: string, init: RequestInit): Promise<Answer> {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), kAnswerWithin);
    try {
        const response = await fetch(path, {
            ...init,
            signal: abort.signal,
            credentials: "same-origin",
            cache: "no-store",
            redirect: "error",
        });
        const wait = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
        return {
            status: response.status,
            body: await response.json().catch(() => null),
            retry_after: Number.isNaN(wait) ? null : Math.min(Math.max(wait, 1), 3600),
        };
    } catch {
        return { status: 0, body: null, retry_after: null };
    } finally {
        clearTimeout(timer);
    }
}

export const get = (path: string): Promise<Answer> => ask(path, { method: "GET" });

export const post = (path: string, body: object): Promise<Answer> =>
    ask(path, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-Vitrine": "1" },
        body: JSON.stringify(body),
    });
