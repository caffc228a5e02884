/**
 * The values that cross from an agent to its pages: the C++ structs of agent/session and
 * agent/offers, field by field. Money in cents, times in Unix milliseconds (null: for ever),
 * durations in milliseconds.
 */
import {
    Bad,
    bool,
    integer,
    list,
    matching,
    nullable,
    oneOf,
    type Parsed,
    type Parser,
    record,
    text,
} from "./json";

export type Language = "fr" | "en";
export const language = oneOf("fr", "en");

export interface LocalText {
    fr: string;
    en: string;
}
export const local_text: Parser<LocalText> = record<LocalText>({ fr: text(), en: text() });

/** French always exists; a missing translation shows it. */
export const say = (words: LocalText, language: Language): string => words[language] || words.fr;

const reason_codes = [
    "popular_here",
    "in_season",
    "weather",
    "time_of_day",
    "new_to_you",
    "everyone",
    "your_favourite",
    "you_often_buy",
    "running_out",
    "goes_with",
    "in_your_basket",
    "campaign",
    "suits_everyone_here",
] as const;
export type ReasonCode = (typeof reason_codes)[number];
export const kReasonCodes: readonly ReasonCode[] = reason_codes;

export interface Why {
    code: ReasonCode;
    category: LocalText;
}

const value_kinds = [
    "price",
    "percent_off",
    "amount_off",
    "multi_buy",
    "points",
    "service",
] as const;
export type ValueKind = (typeof value_kinds)[number];
export const kValueKinds: readonly ValueKind[] = value_kinds;

export interface Card {
    offer: number;
    title: LocalText;
    detail: LocalText;
    terms: LocalText;
    category: LocalText;
    image: string;
    value_kind: ValueKind;
    value: number;
    price: number | null;
    prior_price: number | null;
    unit_price: string;
    valid_until: number | null;
    saved: boolean;
    why: Why[];
}

/** A picture of this origin's image folder, or "" for anything else: never another origin. */
export const image: Parser<string> = (value, at) => {
    if (typeof value !== "string") return new Bad(at, "not a text");
    return /^\/images\/[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/.test(value) ? value : "";
};

const offer_id = integer(0, 0xffff_ffff);
const time = nullable(integer());
const cents = nullable(integer(0));

export const card: Parser<Card> = record<Card>({
    offer: offer_id,
    title: local_text,
    detail: local_text,
    terms: local_text,
    category: local_text,
    image,
    value_kind: oneOf(...value_kinds),
    value: integer(-0x8000_0000, 0x7fff_ffff),
    price: cents,
    prior_price: cents,
    unit_price: text(64),
    valid_until: time,
    saved: bool,
    why: list(record<Why>({ code: oneOf(...reason_codes), category: local_text }), 2),
});

export interface Claim {
    offer: number;
    url: string;
    valid_until: number | null;
}

const claim: Parser<Claim> = record<Claim>({
    offer: offer_id,
    url: matching(/^https?:\/\/[\w.:[\]-]+\/c\/[\w-]{1,200}$/, "the address of a claim"),
    valid_until: time,
});

/** A one-time challenge for the phone of whoever stands here. */
export interface CheckInCode {
    url: string;
    valid_until: number | null;
}

const check_in: Parser<CheckInCode> = record<CheckInCode>({
    url: matching(/^https?:\/\/[\w.:[\]-]+(\/[\w-]+)*\/i\/[\w-]{20,100}$/, "a check-in's address"),
    valid_until: time,
});

/** What the visitor who checked in has decided; it does not say who they are. */
export interface Verified {
    recognise: boolean;
    paused: boolean;
    personalise: boolean;
}

const verified: Parser<Verified> = record<Verified>({
    recognise: bool,
    paused: bool,
    personalise: bool,
});

export interface Condition {
    offline: boolean;
    offers_stale: boolean;
    recognition_off: boolean;
}
export const condition: Parser<Condition> = record<Condition>({
    offline: bool,
    offers_stale: bool,
    recognition_off: bool,
});

export const decision_id = matching(/^[0-9a-f]{16}$/, "16 hexadecimal digits");
export const name = matching(/^[a-z0-9][a-z0-9-]{0,30}$/, "a name");

const modes = ["ambient", "tailored", "group", "conflict"] as const;
export type Mode = (typeof modes)[number];

export const screen = record({
    kiosk: name,
    revision: integer(0),
    mode: oneOf(...modes),
    decision: decision_id,
    language,
    cards: list(card, 8),
    claim: nullable(claim),
    check_in: nullable(check_in),
    verified: nullable(verified),
    condition,
    idle_after: integer(1000, 3_600_000),
    idle_grace: integer(1000, 3_600_000),
});
export type Screen = Parsed<typeof screen>;

export const touch_kinds = [
    "open",
    "close",
    "why",
    "dismiss",
    "save",
    "unsave",
    "stay",
    "leave",
    "identify",
    "pause",
    "resume",
    "forget",
    "depersonalise",
] as const;
export type TouchKind = (typeof touch_kinds)[number];

/** What a visitor who checked in decides about themselves. */
export type OwnDecision = "pause" | "resume" | "forget" | "depersonalise";

/**
 * One touch as it is posted. `offer` is 0 where it is not about one; `language` says in which words
 * a decision stood that was touched.
 */
export interface Touch {
    decision: string;
    kind: TouchKind;
    offer: number;
    language?: Language;
}
