import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

/** As long as the style sheet's fade, and a little. */
const kFadeMs = 420;

interface Layer {
    id: string;
    draw(): ComponentChildren;
}

/**
 * Shows what `draw` gives; when `id` changes, the next view fades in over the last one, which stays
 * until it is covered: there is never a gap (REQUIREMENTS K3). The same id keeps its elements.
 *
 * A view is drawn anew each time, the leaving one too: an element of a former render that is passed
 * again refers to that render, which refers to the one before, and nothing is ever freed.
 */
export function Fade({ id, draw }: Layer) {
    const layers = useRef<Layer[]>([]);
    const [, redraw] = useState(0);
    const top = layers.current.at(-1);
    if (top?.id === id) top.draw = draw;
    // At most two: whoever was leaving when the next one comes has been covered once already.
    else
        layers.current = [...layers.current.slice(-1).filter((old) => old.id !== id), { id, draw }];

    useEffect(() => {
        if (layers.current.length < 2) return;
        const timer = setTimeout(() => {
            layers.current = layers.current.slice(-1);
            redraw((n) => n + 1);
        }, kFadeMs);
        return () => clearTimeout(timer);
    }, [id]);

    const last = layers.current.length - 1;
    return (
        <div class="fade">
            {layers.current.map((layer, index) => (
                <div
                    key={layer.id}
                    class={index === last ? "layer" : "layer leaving"}
                    inert={index !== last}
                    aria-hidden={index === last ? undefined : "true"}
                >
                    {layer.draw()}
                </div>
            ))}
        </div>
    );
}
