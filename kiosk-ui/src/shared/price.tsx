import { common_text } from "./card_text";
import type { Card, Language } from "./contract";
import { money, value_label } from "./format";

export interface PriceProps {
    card: Card;
    language: Language;
    /** The value stands on a label beside it already. */
    labelled?: boolean;
}

/**
 * What one pays. Where a reduction is announced, the lowest price of the last 30 days stands struck
 * beside it and says in words what it is (REQUIREMENTS C2).
 */
export function Price({ card, language, labelled = false }: PriceProps) {
    const words = common_text(language);
    const value = value_label(card, language);
    const main = card.price === null ? value : money(card.price, language);
    const reduced =
        card.prior_price !== null && card.price !== null && card.prior_price > card.price;
    return (
        <div class="price">
            <p class="price-main">
                {!(labelled && main === value) && (
                    <strong>{main === "" ? words.value_kind[card.value_kind] : main}</strong>
                )}
                {!labelled && main !== value && value !== "" && (
                    <span class="price-value">{value}</span>
                )}
                {card.unit_price !== "" && <span class="price-unit">{card.unit_price}</span>}
            </p>
            {reduced && card.prior_price !== null && (
                <p class="price-prior">
                    <s>{money(card.prior_price, language)}</s> {words.prior_price}
                </p>
            )}
        </div>
    );
}
