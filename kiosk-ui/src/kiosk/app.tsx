import { useEffect, useMemo, useReducer, useState } from "preact/hooks";
import { type At, clock } from "../shared/clock";
import type { Screen, Touch } from "../shared/contract";
import { screen as screen_parser } from "../shared/contract";
import { Bad, read } from "../shared/json";
import { post } from "../shared/post";
import { browser, listen, type Surroundings } from "../shared/stream";
import { prove_alive } from "./alive";
import { keep_loop, load_loop } from "./loop";
import { pictures_ready } from "./pictures";
import { can_speak, hush, speak, spoken } from "./speech";
import { type Action, initial, language_of, reduce, type State, type Step } from "./state";
import type { Act } from "./views/act";
import { Frame } from "./views/frame";

/** Holds the state, carries out what the reducer asks to be sent, and is the only one that does. */
export class Shop {
    state: State;
    private changed: () => void = () => undefined;

    constructor(
        readonly kiosk: string,
        private readonly storage: Storage,
        private readonly now: () => At = clock,
    ) {
        this.state = initial(load_loop(kiosk, storage), now());
    }

    watch(changed: () => void): void {
        this.changed = changed;
    }

    dispatch(action: Action): void {
        const step: Step = reduce(this.state, action);
        const renewed = step.state !== this.state;
        if (step.state.loop && step.state.loop !== this.state.loop)
            keep_loop(this.kiosk, step.state.loop, this.storage);
        this.state = step.state;
        for (const touch of step.send) void this.send(touch);
        if (renewed) this.changed();
    }

    private async send(touch: Touch): Promise<void> {
        const answer = await post(`/api/v1/kiosks/${this.kiosk}/touches`, touch);
        this.dispatch({ is: "answered", touch, status: answer.status, at: this.now() });
    }

    /** Follows the agent until the returned function is called. */
    follow(around: Surroundings = browser): () => void {
        // Counts frames, so that one whose pictures came late never covers a newer one.
        let newest = 0;
        const paint = (screen: Screen, mine: number) => {
            if (mine === newest) this.dispatch({ is: "screen", screen, at: this.now() });
        };
        return listen(
            `/events/kiosk/${this.kiosk}`,
            "screen",
            {
                on: (data) => {
                    const screen = read(data, screen_parser, "screen");
                    if (screen instanceof Bad || screen.kiosk !== this.kiosk) {
                        // The last good frame stays.
                        console.warn(screen instanceof Bad ? screen.toString() : "another kiosk's");
                        return;
                    }
                    const mine = ++newest;
                    const waiting = pictures_ready(screen);
                    if (waiting) void waiting.then(() => paint(screen, mine));
                    else paint(screen, mine);
                },
                live: (flowing) => {
                    if (!flowing) newest++;
                    this.dispatch({ is: "link", live: flowing });
                },
            },
            around,
        );
    }
}

const kTickMs = 500;
const kHoldMs = 2_000;
/** Share of the screen's shorter side that counts as its corner. */
const kCorner = 0.12;

/** Holding any corner for two seconds makes everything large: no sight needed to find it (A2). */
function corner_hold(comfort: () => void): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const cancel = () => clearTimeout(timer);
    const down = (event: PointerEvent) => {
        cancel();
        const reach = kCorner * Math.min(innerWidth, innerHeight);
        const near = (at: number, size: number) => at < reach || at > size - reach;
        if (near(event.clientX, innerWidth) && near(event.clientY, innerHeight))
            timer = setTimeout(comfort, kHoldMs);
    };
    addEventListener("pointerdown", down);
    for (const name of ["pointerup", "pointercancel"]) addEventListener(name, cancel);
    return () => {
        cancel();
        removeEventListener("pointerdown", down);
        for (const name of ["pointerup", "pointercancel"]) removeEventListener(name, cancel);
    };
}

export function App({ shop }: { shop: Shop }) {
    const [, redraw] = useReducer<number, void>((n) => n + 1, 0);
    const [, voices] = useState(0);

    useEffect(() => {
        shop.watch(() => redraw());
        const stop_following = shop.follow();
        const stop_proving = prove_alive((frames) => {
            const revision = shop.state.screen?.revision ?? 0;
            void post(`/api/v1/kiosks/${shop.kiosk}/alive`, { revision, frames });
        });
        const ticks = setInterval(() => shop.dispatch({ is: "tick", at: clock() }), kTickMs);
        const stop_holding = corner_hold(() => shop.dispatch({ is: "comfort", at: clock() }));
        const heard = () => voices((n) => n + 1);
        globalThis.speechSynthesis?.addEventListener("voiceschanged", heard);
        return () => {
            stop_following();
            stop_proving();
            clearInterval(ticks);
            stop_holding();
            globalThis.speechSynthesis?.removeEventListener("voiceschanged", heard);
        };
    }, [shop]);

    const act = useMemo<Act>(() => {
        const send = (action: Action) => shop.dispatch(action);
        return {
            tap: (kind, offer = 0) => send({ is: "tap", kind, offer, at: clock() }),
            again: (offer) => send({ is: "again", offer, at: clock() }),
            go: (to) => send({ is: "go", to, at: clock() }),
            set: (what) => send({ is: "set", what, at: clock() }),
            slide: (index) => send({ is: "slide", index, at: clock() }),
        };
    }, [shop]);

    const state = shop.state;
    const language = language_of(state);
    useEffect(() => {
        document.documentElement.lang = language;
    }, [language]);
    const text = state.speaking ? spoken(state) : "";
    useEffect(() => {
        if (text === "") hush();
        else speak(text, language);
    }, [text, language]);

    return <Frame state={state} voice={can_speak(language)} act={act} />;
}
