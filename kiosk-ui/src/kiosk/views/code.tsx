import type { ComponentChildren } from "preact";
import type { Card, CheckInCode, Claim, Language } from "../../shared/contract";
import { say } from "../../shared/contract";
import { countdown } from "../../shared/format";
import { Check, Clock, Phone } from "../../shared/icons";
import { Qr } from "../../shared/qr";
import { kiosk_text } from "../words";
import type { Act } from "./act";
import { Button, Heading } from "./parts";

interface CardProps {
    url: string;
    title: string;
    /** What the code is for, where that must be said. */
    about?: string | undefined;
    hint: string;
    /** Seconds; 0: no longer valid. */
    left: number;
    language: Language;
    /** The buttons below. */
    children: ComponentChildren;
}

function CodeCard({ url, title, about, hint, left, language, children }: CardProps) {
    const words = kiosk_text(language);
    const over = left === 0;
    return (
        <section class="code" data-expired={over ? "true" : undefined}>
            <div class="code-card">
                <Heading focus>{over ? words.code_expired : title}</Heading>
                {about && <p class="code-offer">{about}</p>}
                {over ? (
                    <div class="code-over" aria-hidden="true">
                        <Clock />
                    </div>
                ) : (
                    <Qr text={url} label={words.code_alt} />
                )}
                <p class="lead">{over ? words.code_expired_hint : hint}</p>
                {!over && (
                    <p class="code-left" role="timer">
                        <Clock /> {words.code_left(countdown(left))}
                    </p>
                )}
            </div>
            <div class="actions">{children}</div>
        </section>
    );
}

export interface CodeProps {
    claim: Claim;
    /** The card that it is for, where it is still on the screen. */
    card: Card | undefined;
    left: number;
    language: Language;
    act: Act;
}

/** The code by which a phone takes the offer along, until it ends. */
export function Code({ claim, card, left, language, act }: CodeProps) {
    const words = kiosk_text(language);
    const over = left === 0;
    return (
        <CodeCard
            url={claim.url}
            title={words.code_title}
            about={card && say(card.title, language)}
            hint={words.code_hint}
            left={left}
            language={language}
        >
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
        </CodeCard>
    );
}

export interface CheckInProps {
    code: CheckInCode;
    left: number;
    language: Language;
    act: Act;
}

/** The challenge that the visitor's own app answers. */
export function CheckIn({ code, left, language, act }: CheckInProps) {
    const words = kiosk_text(language);
    const over = left === 0;
    return (
        <CodeCard
            url={code.url}
            title={words.check_in_title}
            hint={words.check_in_hint}
            left={left}
            language={language}
        >
            {over && (
                <Button
                    action="identify"
                    kind="primary"
                    label={words.code_again}
                    icon={<Phone />}
                    on={() => act.tap("identify")}
                />
            )}
            <Button
                action="close"
                kind={over ? "quiet" : "primary"}
                label={over ? words.back : words.code_close}
                icon={<Check />}
                on={() => act.tap("close")}
            />
        </CodeCard>
    );
}
