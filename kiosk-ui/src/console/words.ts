import type { Language } from "../shared/contract";
import { words as en } from "../text/en/console";
import { words as fr } from "../text/fr/console";

export const console_text = (language: Language) => (language === "fr" ? fr : en);

/** "il y a 4 s": how long before `now`, in the largest unit that says enough. */
export function ago(at: number, now: number, language: Language): string {
    const words = console_text(language).ago;
    const seconds = Math.max(0, Math.round((now - at) / 1000));
    if (seconds < 90) return words.seconds(seconds);
    if (seconds < 5400) return words.minutes(Math.round(seconds / 60));
    return words.hours(Math.round(seconds / 3600));
}

/** One digit after the mark: "1,5", "1.5". */
const decimal = (value: number, language: Language): string =>
    value.toLocaleString(language === "fr" ? "fr-FR" : "en-GB", {
        minimumFractionDigits: 1,
        maximumFractionDigits: 1,
    });

/** "1,5 h", "11 s": a lag. */
export function lag(seconds: number, language: Language): string {
    if (seconds < 90) return `${Math.round(seconds)} s`;
    if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
    return `${decimal(seconds / 3600, language)} h`;
}

export function size(bytes: number, language: Language): string {
    const unit = language === "fr" ? "o" : "B";
    if (bytes < 1000) return `${bytes} ${unit}`;
    if (bytes < 1_000_000) return `${decimal(bytes / 1000, language)} k${unit}`;
    return `${decimal(bytes / 1_000_000, language)} M${unit}`;
}
