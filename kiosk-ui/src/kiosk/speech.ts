/**
 * Reads the screen aloud with a voice of this machine (REQUIREMENTS A1): no voice that sends text
 * elsewhere is used. What is spoken is public: a personal reason is worded in general terms.
 */
import { card_text, is_personal, reason_text } from "../shared/card_text";
import { type Language, say } from "../shared/contract";
import { cards, check_in_of, claim_of, language_of, type State, shown, verified_of } from "./state";
import { kiosk_text } from "./words";

function choices_spoken(state: State): string {
    const words = kiosk_text(language_of(state));
    const { recognise, paused, personalise } = verified_of(state) ?? {};
    return [
        words.choices,
        words.choices_hint,
        recognise && `${words.pause_me}. ${words.pause_me_hint}`,
        paused && `${words.resume_me}. ${words.resume_me_hint}`,
        personalise && `${words.depersonalise}. ${words.depersonalise_hint}`,
        (recognise || paused) && `${words.forget_me}. ${words.forget_me_hint}`,
    ]
        .filter(Boolean)
        .join(" ");
}

/** What this screen says, in the order in which it is read. */
export function spoken(state: State): string {
    const language = language_of(state);
    const words = kiosk_text(language);
    if (state.idle.at === "asking") return `${words.still_there} ${words.still_here}.`;
    if (claim_of(state)) {
        if (state.claim_left === 0) return `${words.code_expired}. ${words.code_expired_hint}`;
        return `${words.code_title}. ${words.code_hint}`;
    }
    if (check_in_of(state)) {
        if (state.check_in_left === 0) return `${words.code_expired}. ${words.code_expired_hint}`;
        return `${words.check_in_title}. ${words.check_in_hint}`;
    }
    const view = state.view;
    const here = cards(state);
    if (view.at === "choices") return choices_spoken(state);
    if (view.at === "forget")
        return `${words.forget_title} ${words.forget_me_hint} ${words.forget_no}. ${words.forget_me}.`;
    if (view.at === "cards") {
        const mode = shown(state)?.mode;
        const heading =
            mode === "tailored"
                ? words.tailored
                : mode === "group"
                  ? words.group
                  : words.all_offers;
        const list = here.map((card) => card_text(card, language));
        return [heading, ...list, words.touch_hint].join(". ");
    }
    const card = here.find((one) => one.offer === view.offer);
    if (!card) return "";
    if (view.at === "why") {
        const reasons = card.why.map((why) =>
            reason_text(
                is_personal(why.code) ? { ...why, category: { fr: "", en: "" } } : why,
                language,
            ),
        );
        return [words.why_title, ...reasons, words.why_same_price].join(" ");
    }
    return [card_text(card, language), say(card.detail, language), say(card.terms, language)].join(
        ". ",
    );
}

const voice_for = (language: Language): SpeechSynthesisVoice | undefined =>
    globalThis.speechSynthesis
        ?.getVoices()
        .find((voice) => voice.localService && voice.lang.toLowerCase().startsWith(language));

export const can_speak = (language: Language): boolean => voice_for(language) !== undefined;

export function speak(text: string, language: Language): void {
    const voice = voice_for(language);
    speechSynthesis.cancel();
    if (!voice || text === "") return;
    const utterance = new SpeechSynthesisUtterance(text);
    utterance.voice = voice;
    utterance.lang = voice.lang;
    speechSynthesis.speak(utterance);
}

export const hush = (): void => globalThis.speechSynthesis?.cancel();
