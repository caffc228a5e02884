/** Line icons, 24 × 24, drawn in the colour of the text beside them; always beside a text. */
import type { ComponentChildren } from "preact";

export const icon = (shape: ComponentChildren) => () => (
    <svg
        class="icon"
        viewBox="0 0 24 24"
        fill="none"
        stroke="currentColor"
        stroke-width="2"
        stroke-linecap="round"
        stroke-linejoin="round"
        aria-hidden="true"
        focusable="false"
    >
        {shape}
    </svg>
);

export const Back = icon(<path d="M20 12H4M10 6l-6 6 6 6" />);
export const Forward = icon(<path d="M4 12h16M14 6l6 6-6 6" />);
export const Question = icon(
    <>
        <circle cx="12" cy="12" r="9" />
        <path d="M9.4 9.2a2.7 2.7 0 1 1 3.9 2.5c-.9.5-1.3 1-1.3 2M12 16.8v.1" />
    </>,
);
export const Cross = icon(
    <>
        <circle cx="12" cy="12" r="9" />
        <path d="M9 9l6 6M15 9l-6 6" />
    </>,
);
export const Phone = icon(
    <>
        <rect x="6" y="2.5" width="12" height="19" rx="2.5" />
        <path d="M10.5 18.5h3M9.5 7h2v2h-2zM13.5 7h1M14.5 9.5v2M9.5 12h2.5M14 13.5h.5" />
    </>,
);
export const Check = icon(<path d="M4 12.5l5 5L20 6.5" />);
export const Globe = icon(
    <>
        <circle cx="12" cy="12" r="9" />
        <path d="M3 12h18M12 3c3 3 3.8 6 3.8 9s-.8 6-3.8 9c-3-3-3.8-6-3.8-9S9 6 12 3z" />
    </>,
);
export const Letters = icon(
    <path d="M2.5 18L7.5 5l5 13M4.3 13.5h6.4M15 18l3.2-8 3.3 8M16 15.5h4.4" />,
);
export const Contrast = icon(
    <>
        <circle cx="12" cy="12" r="9" />
        <path d="M12 3a9 9 0 0 1 0 18z" fill="currentColor" />
    </>,
);
export const Speaker = icon(
    <path d="M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4 4 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11" />,
);
export const Silent = icon(<path d="M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM16 9.5l5 5M21 9.5l-5 5" />);
export const Pause = icon(<path d="M8.5 5v14M15.5 5v14" />);
export const Play = icon(<path d="M8 5l11 7-11 7z" />);
export const Leave = icon(<path d="M14 4h5v16h-5M10 8l-4 4 4 4M6 12h9" />);
export const Cut = icon(
    <path d="M3 3l18 18M5 12.6a10 10 0 0 1 4-2.4M19 12.6a10 10 0 0 0-5.6-2.8M8.6 16a5 5 0 0 1 6.8 0M12 19.5v.1" />,
);
export const Clock = icon(
    <>
        <circle cx="12" cy="12" r="9" />
        <path d="M12 7v5l3.5 2" />
    </>,
);
export const Shield = icon(
    <path d="M12 3l7.5 3v5.5c0 4.6-3 7.7-7.5 9.5-4.5-1.8-7.5-4.9-7.5-9.5V6zM8.8 12l2.3 2.3 4.2-4.4" />,
);
export const People = icon(
    <>
        <circle cx="8.5" cy="8.5" r="3" />
        <circle cx="16.5" cy="9.5" r="2.5" />
        <path d="M2.5 19c.4-3.6 2.7-5.5 6-5.5s5.6 1.9 6 5.5M16 14.5c3 0 5 1.5 5.5 4.5" />
    </>,
);
