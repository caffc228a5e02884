/** Numbers and times as people of each language write them. */
import type { Card, Language } from "./contract";

const tag = (language: Language): string => (language === "fr" ? "fr-FR" : "en-GB");

const cache = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();
function once<T extends Intl.NumberFormat | Intl.DateTimeFormat>(key: string, make: () => T): T {
    const known = cache.get(key) as T | undefined;
    if (known) return known;
    const made = make();
    cache.set(key, made);
    return made;
}

export const money = (cents: number, language: Language): string =>
    once(
        `money-${language}`,
        () => new Intl.NumberFormat(tag(language), { style: "currency", currency: "EUR" }),
    ).format(cents / 100);

export const count = (value: number, language: Language): string =>
    once(`count-${language}`, () => new Intl.NumberFormat(tag(language))).format(value);

export const percent = (share: number, language: Language, digits = 1): string =>
    once(
        `percent-${language}-${digits}`,
        () =>
            new Intl.NumberFormat(tag(language), {
                style: "percent",
                minimumFractionDigits: digits,
                maximumFractionDigits: digits,
            }),
    ).format(share);

/** "12 décembre", "12 December". */
export const day = (unix_ms: number, language: Language): string =>
    once(
        `day-${language}`,
        () => new Intl.DateTimeFormat(tag(language), { day: "numeric", month: "long" }),
    ).format(unix_ms);

/** "14:05". */
export const hour = (unix_ms: number, language: Language): string =>
    once(
        `hour-${language}`,
        () => new Intl.DateTimeFormat(tag(language), { hour: "2-digit", minute: "2-digit" }),
    ).format(unix_ms);

/** "4:09", as a clock counts down. */
export const countdown = (seconds: number): string =>
    `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

/** What an offer gives, as short as a shelf label; "" where its title must say it. */
export function value_label(card: Card, language: Language): string {
    switch (card.value_kind) {
        case "price":
            return card.price === null ? "" : money(card.price, language);
        case "percent_off":
            return `−${percent(card.value / 100, language, 0)}`;
        case "amount_off":
            return `−${money(card.value, language)}`;
        case "points":
            return `+${count(card.value, language)} pts`;
        case "multi_buy":
        case "service":
            return "";
    }
}
