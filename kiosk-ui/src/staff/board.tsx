import { useEffect, useState } from "preact/hooks";
import { clock } from "../shared/clock";
import { type Card, type Language, type LocalText, say } from "../shared/contract";
import { hour } from "../shared/format";
import { Clock, Cut, People } from "../shared/icons";
import { Picture } from "../shared/picture";
import { Price } from "../shared/price";
import { words as en } from "../text/en/staff";
import { words as fr } from "../text/fr/staff";
import type { StaffBoard, StaffEntry } from "./contract";

export const staff_text = (language: Language) => (language === "fr" ? fr : en);

const kDayMs = 86_400_000;

function Offer({ card, language }: { card: Card; language: Language }) {
    const words = staff_text(language);
    const reasons = card.why.map((why) => {
        const category = say(why.category, language);
        return category === ""
            ? words.reasons[why.code]
            : `${words.reasons[why.code]} (${category})`;
    });
    return (
        <li class="tip" data-offer={card.offer}>
            <Picture image={card.image} />
            <div>
                <p class="tip-title">{say(card.title, language)}</p>
                <Price card={card} language={language} />
                {reasons.length > 0 && <p class="tip-why">{reasons.join(" · ")}</p>}
            </div>
        </li>
    );
}

function Chips({
    title,
    list,
    language,
}: {
    title: string;
    list: LocalText[];
    language: Language;
}) {
    if (list.length === 0) return null;
    return (
        <div class="chips">
            <dt>{title}</dt>
            {list.map((one) => (
                <dd key={one.fr}>{say(one, language)}</dd>
            ))}
        </div>
    );
}

function last_visit(entry: StaffEntry, today: number, language: Language): string {
    const words = staff_text(language);
    if (entry.last_visit_day === 0) return words.first_visit;
    return words.last_visit(today - entry.last_visit_day);
}

interface EntryProps {
    entry: StaffEntry;
    today: number;
    language: Language;
}

/** One member who allows it: no more than what they permitted. */
function Entry({ entry, today, language }: EntryProps) {
    const words = staff_text(language);
    return (
        <li class="entry" data-ref={entry.ref}>
            <header>
                <h2>{entry.calls_me === "" ? words.member : entry.calls_me}</h2>
                <p class="where">
                    {entry.kiosk === ""
                        ? words.between
                        : words.at_kiosk(entry.place || entry.kiosk)}
                    , {words.since(hour(entry.since, language))}
                </p>
            </header>
            {entry.wishes !== "" && (
                <p class="wishes">
                    <strong>{words.wishes}</strong> {entry.wishes}
                </p>
            )}
            {entry.tailored ? (
                <>
                    <p class="visit">{last_visit(entry, today, language)}</p>
                    {(entry.often_buys.length > 0 || entry.favourites.length > 0) && (
                        <dl>
                            <Chips
                                title={words.often_buys}
                                list={entry.often_buys}
                                language={language}
                            />
                            <Chips
                                title={words.favourites}
                                list={entry.favourites}
                                language={language}
                            />
                        </dl>
                    )}
                    <h3>{words.next_best}</h3>
                    {entry.next_best.length === 0 && <p>{words.no_next_best}</p>}
                    <ul class="tips">
                        {entry.next_best.map((card) => (
                            <Offer key={card.offer} card={card} language={language} />
                        ))}
                    </ul>
                </>
            ) : (
                <p class="plain">{words.not_tailored}</p>
            )}
        </li>
    );
}

/** The day, looked up again each minute. */
function useToday(): number {
    const day = () => Math.floor(clock().wall / kDayMs);
    const [today, set_today] = useState(day);
    useEffect(() => {
        const timer = setInterval(() => set_today(day()), 60_000);
        return () => clearInterval(timer);
    }, []);
    return today;
}

export function Board({ board, language }: { board: StaffBoard; language: Language }) {
    const words = staff_text(language);
    const today = useToday();
    const { condition, members } = board;
    return (
        <section class="board" data-revision={board.revision}>
            <div class="board-head">
                <p class="present" role="status">
                    <People /> {words.present(members.length)}
                    {board.present_not_shown > 0 && ` ${words.not_shown(board.present_not_shown)}`}
                </p>
                {condition.offline && (
                    <p class="flag">
                        <Cut /> {words.offline}
                    </p>
                )}
                {condition.offers_stale && (
                    <p class="flag">
                        <Clock /> {words.stale}
                    </p>
                )}
                {condition.recognition_off && (
                    <p class="flag">
                        <Cut /> {words.recognition_off}
                    </p>
                )}
            </div>
            {members.length === 0 ? (
                <div class="nobody">
                    <h2>{words.empty}</h2>
                    <p>{words.empty_hint}</p>
                </div>
            ) : (
                <ul class="entries">
                    {members.map((entry) => (
                        <Entry key={entry.ref} entry={entry} today={today} language={language} />
                    ))}
                </ul>
            )}
            <p class="logged">{words.logged}</p>
        </section>
    );
}
