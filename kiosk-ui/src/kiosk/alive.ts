/**
 * Proves that this page paints (REQUIREMENTS K2): every 5 s, and only after the browser ran two
 * animation frames, the second of which can come only once the first was painted.
 */
export const kAliveEvery = 5_000;

export interface Frames {
    request(callback: () => void): void;
}

const browser: Frames = {
    request: (callback) => {
        requestAnimationFrame(() => requestAnimationFrame(callback));
    },
};

/** Calls `tell` with the count of proofs so far; a page that does not paint tells nothing. */
export function prove_alive(tell: (painted: number) => void, frames: Frames = browser): () => void {
    let painted = 0;
    let waiting = false;
    const ask = () => {
        if (waiting) return;
        waiting = true;
        frames.request(() => {
            waiting = false;
            tell(++painted);
        });
    };
    ask();
    const timer = setInterval(ask, kAliveEvery);
    return () => clearInterval(timer);
}
