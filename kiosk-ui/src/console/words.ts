import type { Language } from "../shared/contract";
import { count, money } from "../shared/format";
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

const tag = (language: Language): string => (language === "fr" ? "fr-FR" : "en-GB");

/** What the centre says was wrong with a row, in this language. */
export function why_found(said: string, language: Language): string {
    const words = console_text(language).quality;
    const bounds = /^expected a whole number from (-?\d+) to (-?\d+)$/.exec(said);
    if (!bounds) return words.why_found(said);
    return words.out_of_bounds(
        count(Number(bounds[1]), language),
        count(Number(bounds[2]), language),
    );
}

/** Never "−0". */
const rounded = (value: number, digits: number): number =>
    Math.round(value * 10 ** digits) / 10 ** digits + 0;

/** One digit after the mark: "1,5", "1.5". */
const decimal = (value: number, language: Language): string =>
    value.toLocaleString(tag(language), {
        minimumFractionDigits: 1,
        maximumFractionDigits: 1,
    });

/** A typographic minus; a plus where `text`, a difference, is above nothing. */
const signed = (text: string, plus: boolean): string =>
    `${plus ? "+" : ""}${text.replace("-", "−")}`;

const interval = (text: string, low: string, high: string, language: Language): string =>
    console_text(language).experiments.between(text, signed(low, false), signed(high, false));

/** "+7.7 points (2.1 to 13.3)", of shares. */
export function points_between(
    difference: number,
    low: number,
    high: number,
    language: Language,
): string {
    const middle = rounded(difference * 100, 1);
    const written = signed(decimal(middle, language), middle > 0);
    return interval(
        console_text(language).experiments.points(middle, written),
        decimal(rounded(low * 100, 1), language),
        decimal(rounded(high * 100, 1), language),
        language,
    );
}

/** "+€1.20 (€0.30 to €2.10)", of cents. */
export function money_between(
    difference: number,
    low: number,
    high: number,
    language: Language,
): string {
    const middle = rounded(difference, 0);
    return interval(
        signed(money(middle, language), middle > 0),
        money(rounded(low, 0), language),
        money(rounded(high, 0), language),
        language,
    );
}

/** "p = 0.043", "p < 0.001". */
export function chance(p: number, language: Language): string {
    const small = p < 0.001;
    const text = (small ? 0.001 : p).toLocaleString(tag(language), { maximumFractionDigits: 3 });
    return `p\u00a0${small ? "<" : "="}\u00a0${text}`;
}

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
