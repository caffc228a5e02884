import { type Card, type Language, type Mode, say } from "../../shared/contract";
import { Check, Cross, People, Question, Shield } from "../../shared/icons";
import { Picture } from "../../shared/picture";
import { Price } from "../../shared/price";
import { kiosk_text } from "../words";
import type { Act } from "./act";
import { Button } from "./parts";

interface CardProps {
    card: Card;
    language: Language;
    act: Act;
}

function Offer({ card, language, act }: CardProps) {
    const words = kiosk_text(language);
    return (
        <li class="offer" data-offer={card.offer}>
            <Picture image={card.image} />
            <div class="offer-words">
                <p class="category">{say(card.category, language)}</p>
                <h2>
                    <button
                        type="button"
                        class="offer-open"
                        data-action="open"
                        data-offer={card.offer}
                        onClick={() => act.tap("open", card.offer)}
                    >
                        {say(card.title, language)}
                    </button>
                </h2>
                <p class="offer-detail">{say(card.detail, language)}</p>
                <Price card={card} language={language} />
                {card.saved && (
                    <p class="saved">
                        <Check /> {words.saved}
                    </p>
                )}
                <div class="offer-foot">
                    <Button
                        action="why"
                        offer={card.offer}
                        label={words.why_short}
                        icon={<Question />}
                        on={() => act.tap("why", card.offer)}
                    />
                    <Button
                        action="dismiss"
                        offer={card.offer}
                        label={words.dismiss}
                        icon={<Cross />}
                        on={() => act.tap("dismiss", card.offer)}
                    />
                </div>
            </div>
        </li>
    );
}

export interface SlateProps {
    mode: Mode;
    cards: Card[];
    language: Language;
    act: Act;
}

/** At most three offers side by side, under a heading that names no one. */
export function Slate({ mode, cards, language, act }: SlateProps) {
    const words = kiosk_text(language);
    const tailored = mode === "tailored";
    return (
        <section class="slate" data-count={cards.length}>
            <div class="slate-head">
                {tailored ? <Shield /> : <People />}
                <div>
                    <h1>{tailored ? words.tailored : words.group}</h1>
                    <p>{tailored ? words.tailored_hint : words.group_hint}</p>
                </div>
            </div>
            <ul class="offers">
                {cards.map((card) => (
                    <Offer key={card.offer} card={card} language={language} act={act} />
                ))}
            </ul>
        </section>
    );
}
