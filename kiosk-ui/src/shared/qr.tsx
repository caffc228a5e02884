import { encode } from "uqr";

/** A QR code as one path; the quiet zone of four modules is part of it. */
export function Qr({ text, label }: { text: string; label: string }) {
    const { data, size } = encode(text, { ecc: "M", border: 4 });
    let path = "";
    for (const [y, row] of data.entries())
        for (const [x, dark] of row.entries()) if (dark) path += `M${x} ${y}h1v1h-1z`;
    return (
        <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label}>
            <rect width={size} height={size} fill="#fff" />
            <path d={path} fill="#000" shape-rendering="crispEdges" />
        </svg>
    );
}
