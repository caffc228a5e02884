import type { Claim } from "../kinds";

export const words: Claim = {
    title: "Your offer",
    ready: "Ready to take along",
    ready_hint: "Keep it now: the till code will show here, once.",
    take: "Keep it on this phone",
    taking: "One moment…",
    yours: "It is yours",
    yours_hint: "Show this code at the till.",
    code: "Till code",
    code_alt: "The same code, to scan at the till",
    used: "Already taken",
    used_hint: "This link has been used. Ask the shop’s screen for a new code.",
    expired: "Link expired",
    expired_hint: "Links last five minutes at most. Ask the shop’s screen for a new code.",
    unknown: "Unknown link",
    unknown_hint: "Scan the code on the shop’s screen again.",
    unreachable: "The shop does not answer",
    unreachable_hint: "Check that your phone is on the shop’s network.",
    again: "Try again",
    loading: "Loading…",
    privacy: "This page does not know who you are and leaves no tracker behind.",
};
