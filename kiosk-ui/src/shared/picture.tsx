import { useState } from "preact/hooks";

/** What a card shows when its own picture is missing. */
export const kFallbackPicture = "/images/basket.svg";

/** One of six tints, the same for the same picture wherever it stands. */
export function tint_of(image: string): string {
    let hash = 7;
    for (const letter of image) hash = (hash * 31 + letter.charCodeAt(0)) % 9973;
    return `tint-${hash % 6}`;
}

/** A card's illustration. The title beside it says what it is: hidden from assistive technology. */
export function Picture({ image }: { image: string }) {
    const [broken, set_broken] = useState("");
    const path = image === "" || image === broken ? kFallbackPicture : image;
    return (
        <div class={`picture ${tint_of(image)}`} aria-hidden="true">
            <img src={path} alt="" draggable={false} onError={() => set_broken(image)} />
        </div>
    );
}
