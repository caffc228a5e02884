import type { Card, Claim, Language } from "../../shared/contract";
import { say } from "../../shared/contract";
import { countdown } from "../../shared/format";
import { Check, Clock, Phone } from "../../shared/icons";
import { Qr } from "../../shared/qr";
import { kiosk_text } from "../words";
import type { Act } from "./act";
import { Button, Heading } from "./parts";

export interface CodeProps {
    claim: Claim;
    /** The card that it is for, where it is still on the screen. */
    card: Card | undefined;
    /** Seconds; 0: no longer valid. */
    left: number;
    language: Language;
    act: Act;
}

/** The code by which a phone takes the offer along, until it ends. */
export function Code({ claim, card, left, language, act }: CodeProps) {
    const words = kiosk_text(language);
    const over = left === 0;
    return (
        <section class="code" data-expired={over ? "true" : undefined}>
            <div class="code-card">
                <Heading focus>{over ? words.code_expired : words.code_title}</Heading>
                {card && <p class="code-offer">{say(card.title, language)}</p>}
                {over ? (
                    <div class="code-over" aria-hidden="true">
                        <Clock />
                    </div>
                ) : (
                    <Qr text={claim.url} label={words.code_alt} />
                )}
                <p class="lead">{over ? words.code_expired_hint : words.code_hint}</p>
                {!over && (
                    <p class="code-left" role="timer">
                        <Clock /> {words.code_left(countdown(left))}
                    </p>
                )}
            </div>
            <div class="actions">
                {over && (
                    <Button
                        action="again"
                        kind="primary"
                        offer={claim.offer}
                        label={words.code_again}
                        icon={<Phone />}
                        on={() => act.again(claim.offer)}
                    />
                )}
                <Button
                    action="unsave"
                    kind={over ? "quiet" : "primary"}
                    offer={claim.offer}
                    label={over ? words.back : words.code_close}
                    icon={<Check />}
                    on={() => act.tap("unsave", claim.offer)}
                />
            </div>
        </section>
    );
}
