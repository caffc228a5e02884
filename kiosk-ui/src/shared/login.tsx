import type { ComponentChildren } from "preact";
import { useEffect, useReducer, useState } from "preact/hooks";
import { words as en } from "../text/en/login";
import { words as fr } from "../text/fr/login";
import { common_text } from "./card_text";
import type { Language } from "./contract";
import { Globe, Leave } from "./icons";
import { language_of_browser } from "./language";
import type { LoginError, Session, SessionState } from "./session";

const login_text = (language: Language) => (language === "fr" ? fr : en);

export function worded(error: LoginError, language: Language): string {
    const words = login_text(language);
    if (error.is === "wait") return words.wait(error.seconds);
    return error.is === "wrong" ? words.wrong : words.unreachable;
}

interface FormProps<T> {
    state: SessionState<T>;
    language: Language;
    enter(user: string, password: string): void;
}

function Form<T>({ state, language, enter }: FormProps<T>) {
    const words = login_text(language);
    return (
        <form
            class="login"
            onSubmit={(event) => {
                event.preventDefault();
                const data = new FormData(event.currentTarget);
                enter(String(data.get("user") ?? ""), String(data.get("password") ?? ""));
            }}
        >
            <label>
                <span>{words.user}</span>
                <input
                    name="user"
                    required
                    maxLength={64}
                    autocomplete="username"
                    autocapitalize="none"
                    spellcheck={false}
                />
            </label>
            <label>
                <span>{words.password}</span>
                <input
                    name="password"
                    type="password"
                    required
                    maxLength={256}
                    autocomplete="current-password"
                />
            </label>
            <p role="alert" class="login-error">
                {state.error ? worded(state.error, language) : ""}
            </p>
            <button type="submit" class="button primary" disabled={state.busy}>
                {words.enter}
            </button>
        </form>
    );
}

export interface BehindLoginProps<T> {
    session: Session<T>;
    /** Names the page to style sheets and tests. */
    page: string;
    title(language: Language): string;
    purpose(language: Language): string;
    lost(language: Language): string;
    view(data: T, language: Language): ComponentChildren;
}

/** The frame of a page behind a login: its name, the way out, the language, and what it shows. */
export function BehindLogin<T>({ session, page, title, purpose, lost, view }: BehindLoginProps<T>) {
    const [, redraw] = useReducer<number, void>((n) => n + 1, 0);
    const [language, set_language] = useState<Language>(language_of_browser);
    useEffect(() => {
        session.watch(() => redraw());
        void session.start();
        return () => session.stop();
    }, [session]);
    useEffect(() => {
        document.documentElement.lang = language;
    }, [language]);
    const { state } = session;
    const words = login_text(language);
    return (
        <div class="page">
            <header class="bar">
                <p class="mark">{common_text(language).shop}</p>
                <h1>{title(language)}</h1>
                <div class="bar-end">
                    <button
                        type="button"
                        class="button quiet"
                        data-action="language"
                        lang={language === "fr" ? "en" : "fr"}
                        onClick={() => set_language(language === "fr" ? "en" : "fr")}
                    >
                        <Globe />
                        <span>{common_text(language === "fr" ? "en" : "fr").language}</span>
                    </button>
                    {state.who === "in" && (
                        <button
                            type="button"
                            class="button quiet"
                            data-action="logout"
                            onClick={() => void session.logout()}
                        >
                            <Leave />
                            <span>{words.leave}</span>
                        </button>
                    )}
                </div>
            </header>
            <main data-page={state.who === "in" ? page : undefined}>
                {state.who === "out" && (
                    <div class="gate">
                        <p>{purpose(language)}</p>
                        <Form
                            state={state}
                            language={language}
                            enter={(user, password) => void session.login(user, password)}
                        />
                    </div>
                )}
                {state.who === "in" && state.data !== null && (
                    <>
                        <p class="lost" role="status">
                            {state.live ? "" : lost(language)}
                        </p>
                        {view(state.data, language)}
                    </>
                )}
            </main>
        </div>
    );
}
