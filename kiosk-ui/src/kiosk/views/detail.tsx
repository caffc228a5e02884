import { common_text, is_personal, reason_text } from "../../shared/card_text";
import { type Card, type Language, say } from "../../shared/contract";
import { day } from "../../shared/format";
import { Back, Check, Cross, Phone, Question } from "../../shared/icons";
import { Picture } from "../../shared/picture";
import { Price } from "../../shared/price";
import { kiosk_text } from "../words";
import type { Act } from "./act";
import { Button, Heading } from "./parts";

export interface DetailProps {
    card: Card;
    language: Language;
    /** Its code is being prepared. */
    saving: boolean;
    /** Without the agent there is no code to give. */
    can_save: boolean;
    act: Act;
}

export function Detail({ card, language, saving, can_save, act }: DetailProps) {
    const words = kiosk_text(language);
    const terms = say(card.terms, language);
    return (
        <section class="detail" data-offer={card.offer}>
            <Picture image={card.image} />
            <div class="detail-words">
                <p class="category">{say(card.category, language)}</p>
                <Heading focus>{say(card.title, language)}</Heading>
                <p class="lead">{say(card.detail, language)}</p>
                <Price card={card} language={language} />
                <p class="terms">
                    {card.valid_until !== null &&
                        `${common_text(language).until(day(card.valid_until, language))}. `}
                    {terms}
                </p>
                {card.saved && (
                    <p class="saved">
                        <Check /> {words.saved}
                    </p>
                )}
            </div>
            <div class="actions">
                {can_save ? (
                    <Button
                        action="save"
                        kind="primary"
                        offer={card.offer}
                        label={saving ? words.saving : words.save}
                        icon={<Phone />}
                        disabled={saving}
                        on={() => act.tap("save", card.offer)}
                    />
                ) : (
                    <p class="cannot">{words.unreachable}</p>
                )}
                <Button
                    action="why"
                    offer={card.offer}
                    label={words.why}
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
                <Button
                    action="close"
                    label={words.back}
                    icon={<Back />}
                    on={() => act.tap("close")}
                />
            </div>
        </section>
    );
}

export interface WhyProps {
    card: Card;
    language: Language;
    /** A check-in would say more: some reason is personal and stands here in general terms. */
    can_identify: boolean;
    act: Act;
}

/** Why this one, in words, from the reasons that came with it (REQUIREMENTS T8). */
export function WhyView({ card, language, can_identify, act }: WhyProps) {
    const words = kiosk_text(language);
    const withheld = card.why.some((why) => is_personal(why.code) && why.category.fr === "");
    const lines =
        card.why.length > 0
            ? card.why.map((why) => reason_text(why, language))
            : [common_text(language).reasons.everyone.general];
    return (
        <section class="why" data-offer={card.offer}>
            <div class="why-card">
                <div class="why-offer">
                    <Picture image={card.image} />
                    <p>{say(card.title, language)}</p>
                </div>
                <Heading focus>{words.why_title}</Heading>
                <ul class="reasons">
                    {[...new Set(lines)].map((line) => (
                        <li key={line}>{line}</li>
                    ))}
                </ul>
                <p class="why-note">{words.why_same_price}</p>
            </div>
            <div class="actions">
                <Button
                    action="close"
                    kind="primary"
                    label={words.back}
                    icon={<Back />}
                    on={() => act.tap("close")}
                />
                {can_identify && withheld && (
                    <Button
                        action="identify"
                        label={words.identify_for_more}
                        icon={<Phone />}
                        on={() => act.tap("identify")}
                    />
                )}
                <Button
                    action="dismiss"
                    offer={card.offer}
                    label={words.dismiss}
                    icon={<Cross />}
                    on={() => act.tap("dismiss", card.offer)}
                />
            </div>
        </section>
    );
}
