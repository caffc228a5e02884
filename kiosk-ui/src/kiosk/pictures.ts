/** Waits until a frame's pictures can be painted, so that it replaces the last one whole (K3). */
import type { Screen } from "../shared/contract";

/** A picture that takes longer than this appears when it comes; the frame does not wait for it. */
export const kPictureWithin = 400;
const kKnownMax = 200;
const known = new Set<string>();

async function decoded(path: string): Promise<void> {
    const picture = new Image();
    picture.src = path;
    await picture.decode().catch(() => undefined);
    if (known.size >= kKnownMax) known.clear();
    known.add(path);
}

/** null when nothing needs to be waited for. */
export function pictures_ready(screen: Screen): Promise<unknown> | null {
    const missing = [...new Set(screen.cards.map((card) => card.image))].filter(
        (path) => path !== "" && !known.has(path),
    );
    if (missing.length === 0) return null;
    return Promise.race([
        Promise.all(missing.map(decoded)),
        new Promise((resolve) => setTimeout(resolve, kPictureWithin)),
    ]);
}
