import { useEffect, useState } from "preact/hooks";
import { common_text } from "../shared/card_text";
import { type Card, type Language, say } from "../shared/contract";
import { day } from "../shared/format";
import { Check, Clock, Cross, Cut, Globe, Phone } from "../shared/icons";
import { Bad } from "../shared/json";
import { language_of_browser } from "../shared/language";
import { Picture } from "../shared/picture";
import { type Answer, get, post } from "../shared/post";
import { Price } from "../shared/price";
import { Qr } from "../shared/qr";
import { words as en } from "../text/en/claim";
import { words as fr } from "../text/fr/claim";
import { type Voucher, voucher } from "./contract";
import { keep_taken, load_taken } from "./taken";

const claim_text = (language: Language) => (language === "fr" ? fr : en);

/** `yours`: this phone took it, and the code is here. */
export type Shown = Voucher["state"] | "yours" | "loading" | "unreachable";

export interface Stand {
    shown: Shown;
    voucher: Voucher | null;
    busy: boolean;
}

/** What an answer means. A wrong or missing one is "unreachable", and can be tried again. */
export function stand_of(answer: Answer, taking: boolean): Stand {
    const parsed = voucher(answer.body, "voucher");
    if (parsed instanceof Bad) {
        const known = answer.status === 404 || answer.status === 410;
        return { shown: known ? "unknown" : "unreachable", voucher: null, busy: false };
    }
    const yours = taking && answer.status === 200 && parsed.code !== "";
    return { shown: yours ? "yours" : parsed.state, voucher: parsed, busy: false };
}

function Offer({ card, language }: { card: Card; language: Language }) {
    const words = common_text(language);
    return (
        <>
            <Picture image={card.image} />
            <div class="voucher-words">
                <p class="category">{say(card.category, language)}</p>
                <h2>{say(card.title, language)}</h2>
                <Price card={card} language={language} />
                <p class="terms">
                    {card.valid_until !== null &&
                        `${words.until(day(card.valid_until, language))}. `}
                    {say(card.terms, language)}
                </p>
            </div>
        </>
    );
}

const icons = {
    ready: Phone,
    yours: Check,
    used: Cross,
    expired: Clock,
    unknown: Cross,
    unreachable: Cut,
    loading: Clock,
};

export interface VoucherProps {
    stand: Stand;
    language: Language;
    take(): void;
    again(): void;
}

/** One voucher: the offer above the perforation, what can be done with it below. */
export function VoucherView({ stand, language, take, again }: VoucherProps) {
    const words = claim_text(language);
    const { shown, busy } = stand;
    const Icon = icons[shown];
    const code = stand.voucher?.code ?? "";
    const hint = shown === "loading" ? "" : words[`${shown}_hint`];
    return (
        <section class="voucher" data-state={shown}>
            {stand.voucher?.offer && <Offer card={stand.voucher.offer} language={language} />}
            <div class="stub" role="status">
                <h1>
                    <Icon /> {words[shown]}
                </h1>
                {hint !== "" && <p>{hint}</p>}
                {shown === "yours" && (
                    <>
                        <p class="voucher-code">
                            <span>{words.code}</span>
                            <strong>{code}</strong>
                        </p>
                        <Qr text={code} label={words.code_alt} />
                    </>
                )}
            </div>
            {shown === "ready" && (
                <button
                    type="button"
                    class="button primary"
                    data-action="claim"
                    disabled={busy}
                    onClick={take}
                >
                    {busy ? words.taking : words.take}
                </button>
            )}
            {shown === "unreachable" && (
                <button type="button" class="button primary" data-action="again" onClick={again}>
                    {words.again}
                </button>
            )}
        </section>
    );
}

export function ClaimPage({ token }: { token: string }) {
    const [language, set_language] = useState<Language>(language_of_browser);
    const [stand, set_stand] = useState<Stand>({ shown: "loading", voucher: null, busy: false });
    const path = `/api/v1/claims/${token}`;
    const load = async () => {
        const taken = load_taken(token, sessionStorage);
        if (taken) return set_stand({ shown: "yours", voucher: taken, busy: false });
        if (token === "") return set_stand({ shown: "unknown", voucher: null, busy: false });
        set_stand(stand_of(await get(path), false));
    };
    const take = async () => {
        set_stand({ ...stand, busy: true });
        const next = stand_of(await post(path, {}), true);
        if (next.shown === "yours" && next.voucher) {
            // An answer may leave the offer out: it is the one that stands here.
            const taken = {
                ...next.voucher,
                offer: next.voucher.offer ?? stand.voucher?.offer ?? null,
            };
            keep_taken(token, taken, sessionStorage);
            return set_stand({ ...next, voucher: taken });
        }
        set_stand(next);
    };
    useEffect(() => void load(), [token]);
    useEffect(() => {
        document.documentElement.lang = language;
    }, [language]);
    const other: Language = language === "fr" ? "en" : "fr";
    return (
        <div class="phone">
            <div class="awning" aria-hidden="true" />
            <header>
                <p class="mark">{common_text(language).shop}</p>
                <button
                    type="button"
                    class="button quiet"
                    data-action="language"
                    lang={other}
                    onClick={() => set_language(other)}
                >
                    <Globe />
                    <span>{common_text(other).language}</span>
                </button>
            </header>
            <main>
                <VoucherView
                    stand={stand}
                    language={language}
                    take={() => void take()}
                    again={() => void load()}
                />
            </main>
            <footer>{claim_text(language).privacy}</footer>
        </div>
    );
}
