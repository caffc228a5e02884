import { useEffect, useRef } from "preact/hooks";
import { common_text } from "../../shared/card_text";
import type { Condition, Language } from "../../shared/contract";
import { Fade } from "../../shared/fade";
import { Check, Clock, Cut, Shield } from "../../shared/icons";
import {
    cards,
    check_in_of,
    claim_of,
    language_of,
    type State,
    shown,
    verified_of,
} from "../state";
import { kiosk_text } from "../words";
import type { Act } from "./act";
import { Ambient, Welcome } from "./ambient";
import { Choices, Forget } from "./choices";
import { CheckIn, Code } from "./code";
import { Controls } from "./controls";
import { Detail, WhyView } from "./detail";
import { Button, Heading } from "./parts";
import { Slate } from "./slate";

/** What the screen can no longer promise, in words and small. */
function Conditions({
    condition,
    verified,
    language,
}: {
    condition: Condition;
    verified: boolean;
    language: Language;
}) {
    const words = kiosk_text(language);
    return (
        <ul class="conditions">
            {verified && (
                <li data-condition="verified">
                    <Shield /> {words.verified}
                </li>
            )}
            {condition.offline && (
                <li data-condition="offline">
                    <Cut /> {words.offline}
                </li>
            )}
            {condition.offers_stale && (
                <li data-condition="offers_stale">
                    <Clock /> {words.stale}
                </li>
            )}
            {condition.recognition_off && (
                <li data-condition="recognition_off">
                    <Cut /> {words.recognition_off}
                </li>
            )}
        </ul>
    );
}

/** "Still there?" over everything; any touch answers it. */
function Ask({ left, language, act }: { left: number; language: Language; act: Act }) {
    const words = kiosk_text(language);
    return (
        <div class="ask" role="alertdialog" aria-modal="true" aria-label={words.still_there}>
            <div class="ask-card">
                <Heading focus>{words.still_there}</Heading>
                <p class="lead">{words.still_there_hint(left)}</p>
                <Button
                    action="stay"
                    kind="primary"
                    label={words.still_here}
                    icon={<Check />}
                    on={() => act.tap("stay")}
                />
                <Button action="leave" label={words.done} on={() => act.tap("leave")} />
            </div>
        </div>
    );
}

interface Stage {
    id: string;
    moving: boolean;
    draw(): preact.ComponentChildren;
}

/** Which view stands on the stage. Its id changes when another is to fade in. */
export function stage_of(state: State, act: Act): Stage {
    const language = language_of(state);
    const screen = shown(state);
    const here = cards(state);
    const claim = claim_of(state);
    if (claim) {
        const card = screen?.cards.find((one) => one.offer === claim.offer);
        const left = state.claim_left;
        return {
            id: `code-${claim.url}-${left === 0}`,
            moving: false,
            draw: () => <Code {...{ claim, card, left, language, act }} />,
        };
    }
    const code = check_in_of(state);
    if (code) {
        const left = state.check_in_left;
        return {
            id: `identify-${code.url}-${left === 0}`,
            moving: false,
            draw: () => <CheckIn {...{ code, left, language, act }} />,
        };
    }
    const view = state.view;
    const verified = verified_of(state);
    if (verified && view.at === "choices")
        return {
            id: "choices",
            moving: false,
            draw: () => <Choices {...{ verified, language, act }} />,
        };
    if (verified && view.at === "forget")
        return { id: "forget", moving: false, draw: () => <Forget {...{ language, act }} /> };
    const card = "offer" in view ? here.find((one) => one.offer === view.offer) : undefined;
    if (card && view.at === "why")
        return {
            id: `why-${card.offer}`,
            moving: false,
            draw: () => (
                <WhyView
                    {...{ card, language, act }}
                    can_identify={state.link === "live" && verified === null}
                />
            ),
        };
    if (card)
        return {
            id: `detail-${card.offer}`,
            moving: false,
            draw: () => (
                <Detail
                    {...{ card, language, act }}
                    saving={state.saving?.offer === card.offer}
                    can_save={state.link === "live"}
                />
            ),
        };
    if (!screen || here.length === 0)
        return { id: "welcome", moving: false, draw: () => <Welcome language={language} /> };
    if (screen.mode === "tailored" || screen.mode === "group")
        return {
            id: `slate-${screen.decision}`,
            moving: false,
            draw: () => <Slate {...{ mode: screen.mode, cards: here, language, act }} />,
        };
    return {
        id: "ambient",
        moving: here.length > 1,
        draw: () => <Ambient {...{ cards: here, index: state.slide.index, language, act }} />,
    };
}

/** Puts the focus back where it was when a view that took it has closed. */
function useReturningFocus(id: string) {
    const before = useRef<{ id: string; selector: string } | null>(null);
    useEffect(() => {
        const home = id === "ambient" || id.startsWith("slate-");
        if (home && before.current?.id === id) {
            const again = document.querySelector<HTMLElement>(
                `.layer:not(.leaving) ${before.current.selector}`,
            );
            again?.focus({ preventScroll: true });
        }
        if (!home) return;
        const remember = (event: Event) => {
            const target = (event.target as Element | null)?.closest<HTMLElement>("[data-action]");
            const { action, offer } = target?.dataset ?? {};
            if (!action || !offer) return;
            before.current = { id, selector: `[data-action="${action}"][data-offer="${offer}"]` };
        };
        document.addEventListener("click", remember, true);
        return () => document.removeEventListener("click", remember, true);
    }, [id]);
}

export function Frame({ state, voice, act }: { state: State; voice: boolean; act: Act }) {
    const language = language_of(state);
    const common = common_text(language);
    const words = kiosk_text(language);
    const screen = shown(state);
    const stage = stage_of(state, act);
    useReturningFocus(stage.id);
    const asking = state.idle.at === "asking";
    const condition: Condition = {
        offline: state.link === "lost" || (screen?.condition.offline ?? false),
        offers_stale: state.link === "live" && (screen?.condition.offers_stale ?? false),
        recognition_off: state.link === "live" && (screen?.condition.recognition_off ?? false),
    };
    const looks = [
        "kiosk",
        state.large ? "large" : "",
        state.contrast ? "contrast" : "",
        `drift-${state.drift}`,
    ];
    return (
        <div
            class={looks.join(" ").trim()}
            lang={language}
            data-mode={screen?.mode ?? "none"}
            data-link={state.link}
            data-revision={screen?.revision ?? 0}
            data-verified={verified_of(state) ? "true" : undefined}
            data-stage={stage.id.split("-")[0]}
        >
            <div class="shopfront" inert={asking}>
                <div class="awning" aria-hidden="true" />
                <header class="front">
                    <p class="mark">
                        {common.shop} <span>{common.baseline}</span>
                    </p>
                    <Conditions
                        condition={condition}
                        verified={verified_of(state) !== null}
                        language={language}
                    />
                </header>
                <main class="stage">
                    <Fade id={stage.id} draw={stage.draw} />
                </main>
                <Controls {...{ state, language, voice, act }} moving={stage.moving} />
            </div>
            <p class="notice" role="status" aria-live="polite" data-notice={state.notice?.code}>
                {state.notice ? words[state.notice.code] : state.saving ? words.saving : ""}
            </p>
            {asking && <Ask left={state.ask_left} language={language} act={act} />}
        </div>
    );
}
