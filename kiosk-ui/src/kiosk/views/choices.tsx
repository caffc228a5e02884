import type { Language, Verified } from "../../shared/contract";
import { Back, Check, Cross, Pause, People, Play } from "../../shared/icons";
import { kiosk_text } from "../words";
import type { Act } from "./act";
import { Button, Heading } from "./parts";

interface ChoiceProps {
    action: string;
    label: string;
    hint: string;
    icon: preact.ComponentChildren;
    on(): void;
}

function Choice({ action, label, hint, icon, on }: ChoiceProps) {
    return (
        <li class="choice">
            <Button action={action} label={label} icon={icon} on={on} />
            <p>{hint}</p>
        </li>
    );
}

export interface ChoicesProps {
    verified: Verified;
    language: Language;
    act: Act;
}

/** What somebody who checked in may decide, each at once and without anybody's help. */
export function Choices({ verified, language, act }: ChoicesProps) {
    const words = kiosk_text(language);
    const { recognise, paused, personalise } = verified;
    return (
        <section class="choices">
            <div class="choices-card">
                <Heading focus>{words.choices}</Heading>
                <p class="lead">{words.choices_hint}</p>
                <ul>
                    {recognise && (
                        <Choice
                            action="pause"
                            label={words.pause_me}
                            hint={words.pause_me_hint}
                            icon={<Pause />}
                            on={() => act.tap("pause")}
                        />
                    )}
                    {paused && (
                        <Choice
                            action="resume"
                            label={words.resume_me}
                            hint={words.resume_me_hint}
                            icon={<Play />}
                            on={() => act.tap("resume")}
                        />
                    )}
                    {personalise && (
                        <Choice
                            action="depersonalise"
                            label={words.depersonalise}
                            hint={words.depersonalise_hint}
                            icon={<People />}
                            on={() => act.tap("depersonalise")}
                        />
                    )}
                    {(recognise || paused) && (
                        <Choice
                            action="ask-forget"
                            label={words.forget_me}
                            hint={words.forget_me_hint}
                            icon={<Cross />}
                            on={() => act.go("forget")}
                        />
                    )}
                </ul>
            </div>
            <div class="actions">
                <Button
                    action="cards"
                    kind="primary"
                    label={words.back}
                    icon={<Back />}
                    on={() => act.go("cards")}
                />
            </div>
        </section>
    );
}

/** The one decision that a kiosk cannot take back is asked for twice. */
export function Forget({ language, act }: { language: Language; act: Act }) {
    const words = kiosk_text(language);
    return (
        <section class="choices">
            <div class="choices-card">
                <Heading focus>{words.forget_title}</Heading>
                <p class="lead">{words.forget_me_hint}</p>
            </div>
            <div class="actions">
                <Button
                    action="choices"
                    kind="primary"
                    label={words.forget_no}
                    icon={<Back />}
                    on={() => act.go("choices")}
                />
                <Button
                    action="forget"
                    label={words.forget_me}
                    icon={<Check />}
                    on={() => act.tap("forget")}
                />
            </div>
        </section>
    );
}
