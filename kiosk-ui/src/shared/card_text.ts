/** How one card is put into words. */
import { words as common_en } from "../text/en/common";
import { words as common_fr } from "../text/fr/common";
import { type Card, type Language, type ReasonCode, say, type Why } from "./contract";
import { money, value_label } from "./format";

export const common_text = (language: Language) => (language === "fr" ? common_fr : common_en);

export const is_personal = (code: ReasonCode): boolean =>
    code === "your_favourite" ||
    code === "you_often_buy" ||
    code === "running_out" ||
    code === "goes_with" ||
    code === "in_your_basket" ||
    code === "campaign";

/** A reason in the reader's language; general where the agent withheld what it is about. */
export function reason_text(why: Why, language: Language): string {
    const wording = common_text(language).reasons[why.code];
    const category = say(why.category, language);
    return category === "" ? wording.general : wording.about(category);
}

/** Title and price in one line, for listening. */
export function card_text(card: Card, language: Language): string {
    const words = common_text(language);
    const parts = [say(card.title, language)];
    const value = card.price === null ? value_label(card, language) : money(card.price, language);
    if (value !== "") parts.push(value);
    if (card.prior_price !== null && card.price !== null && card.prior_price > card.price)
        parts.push(`${words.prior_price} ${money(card.prior_price, language)}`);
    return parts.join(", ");
}
