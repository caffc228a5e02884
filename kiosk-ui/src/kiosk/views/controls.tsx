import type { Language } from "../../shared/contract";
import {
    Contrast,
    Globe,
    Leave,
    Letters,
    Pause,
    Phone,
    Play,
    Shield,
    Silent,
    Speaker,
} from "../../shared/icons";
import { type State, verified_of } from "../state";
import { kiosk_text } from "../words";
import type { Act } from "./act";
import { Button } from "./parts";

export interface ControlsProps {
    state: State;
    language: Language;
    /** This machine has a voice for the language. */
    voice: boolean;
    /** The loop is running: it can be stopped (REQUIREMENTS A5). */
    moving: boolean;
    act: Act;
}

/** What changes the screen for its reader; in the lower band, within reach (REQUIREMENTS A3). */
export function Controls({ state, language, voice, moving, act }: ControlsProps) {
    const words = kiosk_text(language);
    const other = language === "fr" ? "en" : "fr";
    const toggle = (
        what: "large" | "contrast" | "speaking" | "pause",
        on: boolean,
        label: string,
        icon: preact.ComponentChildren,
    ) => (
        <button
            type="button"
            class="control"
            data-action={what}
            aria-pressed={on}
            onClick={() => act.set(what)}
        >
            {icon}
            <span>{label}</span>
        </button>
    );
    return (
        <nav class="controls" aria-label={words.controls}>
            <button
                type="button"
                class="control"
                data-action="language"
                lang={other}
                onClick={() => act.set("language")}
            >
                <Globe />
                <span>{words.other_language}</span>
            </button>
            {toggle("large", state.large, words.large, <Letters />)}
            {toggle("contrast", state.contrast, words.contrast, <Contrast />)}
            {voice &&
                toggle(
                    "speaking",
                    state.speaking,
                    state.speaking ? words.hush : words.listen,
                    state.speaking ? <Silent /> : <Speaker />,
                )}
            {moving &&
                toggle(
                    "pause",
                    state.slide.paused,
                    state.slide.paused ? words.play : words.pause,
                    state.slide.paused ? <Play /> : <Pause />,
                )}
            {state.link === "live" &&
                (verified_of(state) ? (
                    <button
                        type="button"
                        class="control"
                        data-action="choices"
                        aria-pressed={state.view.at === "choices"}
                        onClick={() => act.go("choices")}
                    >
                        <Shield />
                        <span>{words.choices}</span>
                    </button>
                ) : (
                    <button
                        type="button"
                        class="control"
                        data-action="identify"
                        onClick={() => act.tap("identify")}
                    >
                        <Phone />
                        <span>{words.identify}</span>
                    </button>
                ))}
            {state.idle.at !== "rest" && (
                <div class="controls-end">
                    <Button
                        action="leave"
                        label={words.done}
                        icon={<Leave />}
                        on={() => act.tap("leave")}
                    />
                </div>
            )}
        </nav>
    );
}
