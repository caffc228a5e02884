import type { Language } from "./contract";

/** The first of French and English that the browser asks for; French where it asks for neither. */
export const language_of_browser = (): Language =>
    navigator.languages
        .find((one) => /^(fr|en)\b/i.test(one))
        ?.toLowerCase()
        .startsWith("en")
        ? "en"
        : "fr";
