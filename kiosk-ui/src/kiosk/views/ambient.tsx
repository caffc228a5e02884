import { type Card, type Language, say } from "../../shared/contract";
import { Fade } from "../../shared/fade";
import { value_label } from "../../shared/format";
import { Forward } from "../../shared/icons";
import { Picture } from "../../shared/picture";
import { Price } from "../../shared/price";
import { kiosk_text } from "../words";
import type { Act } from "./act";
import { Button } from "./parts";

/** One large offer. */
function Hero({ card, language, act }: { card: Card; language: Language; act: Act }) {
    const words = kiosk_text(language);
    const label = value_label(card, language);
    return (
        <article class="hero" data-offer={card.offer}>
            <div class="hero-picture">
                <Picture image={card.image} />
                {label !== "" && <p class="tag">{label}</p>}
            </div>
            <div class="hero-words">
                <p class="category">{say(card.category, language)}</p>
                <h1>{say(card.title, language)}</h1>
                <p class="lead">{say(card.detail, language)}</p>
                <div class="hero-foot">
                    <Price card={card} language={language} labelled={label !== ""} />
                    <Button
                        action="open"
                        kind="primary forward"
                        offer={card.offer}
                        label={words.see}
                        icon={<Forward />}
                        on={() => act.tap("open", card.offer)}
                    />
                </div>
            </div>
        </article>
    );
}

export interface AmbientProps {
    cards: Card[];
    index: number;
    language: Language;
    act: Act;
}

/** The loop that everyone sees: one offer large, all of them in a strip below. */
export function Ambient({ cards, index, language, act }: AmbientProps) {
    const words = kiosk_text(language);
    const at = index % cards.length;
    const current = cards[at];
    if (!current) return null;
    return (
        <section class="ambient" aria-label={words.all_offers}>
            <Fade
                id={`hero-${current.offer}`}
                draw={() => <Hero card={current} language={language} act={act} />}
            />
            <div class="strip">
                <p class="strip-title" aria-hidden="true">
                    {words.touch_hint}
                </p>
                <ul>
                    {cards.map((card, number) => (
                        <li key={card.offer}>
                            <button
                                type="button"
                                class="thumb"
                                data-action="slide"
                                data-offer={card.offer}
                                aria-current={number === at ? "true" : undefined}
                                aria-label={say(card.title, language)}
                                onClick={() =>
                                    number === at ? act.tap("open", card.offer) : act.slide(number)
                                }
                            >
                                <Picture image={card.image} />
                            </button>
                        </li>
                    ))}
                </ul>
            </div>
        </section>
    );
}

/** Before anything was ever heard: a shop that is open, not an empty screen. */
export function Welcome({ language }: { language: Language }) {
    const words = kiosk_text(language);
    return (
        <section class="welcome">
            <Picture image="/images/basket.svg" />
            <h1>{words.welcome}</h1>
            <p class="lead">{words.welcome_hint}</p>
        </section>
    );
}
