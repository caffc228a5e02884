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

/** "1 h 30", "11 s": a lag. */
export function lag(seconds: number): string {
    if (seconds < 90) return `${Math.round(seconds)} s`;
    if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
    return `${(seconds / 3600).toFixed(1)} h`;
}

export function size(bytes: number, language: Language): string {
    const unit = language === "fr" ? "o" : "B";
    if (bytes < 1000) return `${bytes} ${unit}`;
    if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(1)} k${unit}`;
    return `${(bytes / 1_000_000).toFixed(1)} M${unit}`;
}
