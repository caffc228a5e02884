import type { Language } from "../shared/contract";
import { count, percent } from "../shared/format";
import { Check, Clock, Cross } from "../shared/icons";
import type { Quality as Data, Imported } from "./overview";
import { Table } from "./table";
import { ago, console_text, lag, why_found } from "./words";

interface Props {
    data: Data;
    language: Language;
    now: number;
}

function State({ one, language }: { one: Imported; language: Language }) {
    const words = console_text(language).quality;
    if (one.finished === null)
        return (
            <span class="state late">
                <Clock /> {words.stopped}
            </span>
        );
    if (one.refused > 0)
        return (
            <span class="state off">
                <Cross /> {words.refused(count(one.refused, language), one.refused)}
            </span>
        );
    return (
        <span class="state on">
            <Check /> {words.all_taken}
        </span>
    );
}

/** What share of each column is empty; those that no row gives are named together. */
function Empty({ one, language }: { one: Imported; language: Language }) {
    const words = console_text(language).quality;
    const partly = one.columns.filter((column) => column.given > 0 && column.given < one.rows);
    const never = one.columns.filter((column) => column.given === 0 && one.rows > 0);
    const share = (given: number) => percent(1 - given / one.rows, language, 0);
    return (
        <>
            {partly.length > 0 && (
                <li>
                    <b>{words.empty}</b>{" "}
                    {partly.map((column) => `${column.name} ${share(column.given)}`).join(", ")}
                </li>
            )}
            {never.length > 0 && (
                <li>
                    <b>{words.never_given}</b> {never.map((column) => column.name).join(", ")}
                </li>
            )}
        </>
    );
}

/** "12 × day is in the future, lines 3, 8: refused": what kept rows out comes first. */
function Findings({ one, language }: { one: Imported; language: Language }) {
    const words = console_text(language).quality;
    const is_full = one.columns.every((column) => column.given >= one.rows);
    if (one.findings.length === 0 && is_full) return <>–</>;
    const first = one.findings.filter((finding) => finding.refused);
    const others = one.findings.filter((finding) => !finding.refused);
    return (
        <ul class="flaws">
            {[...first, ...others].map((finding) => (
                <li
                    key={`${finding.flaw}/${finding.column}/${finding.reason}/${finding.refused}`}
                    class={finding.refused ? "refused" : undefined}
                >
                    <b>{words.flaws[finding.flaw]}</b>{" "}
                    {words.found(
                        count(finding.count, language),
                        finding.column,
                        why_found(finding.reason, language),
                    )}{" "}
                    <small>
                        {words.lines(finding.lines.join(", "), finding.lines.length)}
                        {finding.count > finding.lines.length && ", …"}
                        {finding.refused && <> · {words.kept_out(finding.count)}</>}
                    </small>
                </li>
            ))}
            <Empty one={one} language={language} />
        </ul>
    );
}

function Imports({ data, language, now }: Props) {
    const words = console_text(language).quality;
    return (
        <Table
            label={words.imports}
            head={[
                [words.file],
                [words.rows, "n"],
                [words.when],
                [words.result],
                [words.what_was_found],
            ]}
        >
            {data.imports.map((one) => (
                <tr key={`${one.kind}/${one.file}/${one.started}`} data-import={one.file}>
                    <th scope="row">
                        {words.kinds[one.kind] ?? one.kind}
                        <br />
                        <small>{one.file}</small>
                    </th>
                    <td class="n">{count(one.rows, language)}</td>
                    <td class="when">{ago(one.started, now, language)}</td>
                    <td>
                        <State one={one} language={language} />
                    </td>
                    <td>
                        <Findings one={one} language={language} />
                    </td>
                </tr>
            ))}
        </Table>
    );
}

/** What shops sent that could not be used, and whose clock is ahead. */
function Shops({ data, language, now }: Props) {
    const all = console_text(language);
    const words = all.quality;
    return (
        <>
            {data.agents.length > 0 && (
                <Table
                    label={words.agents}
                    head={[
                        [all.store],
                        [all.agent],
                        [words.ahead, "n"],
                        [words.given_up, "n"],
                        [words.cloned, "n"],
                    ]}
                >
                    {data.agents.map((one) => (
                        <tr key={`${one.store}/${one.agent}`} data-quality-of={one.agent}>
                            <th scope="row">{one.store}</th>
                            <td>{one.agent}</td>
                            <td class="n">
                                {one.ahead_seconds === 0 ? "–" : lag(one.ahead_seconds, language)}
                            </td>
                            <td class="n">{count(one.given_up, language)}</td>
                            <td class="n">{count(one.cloned, language)}</td>
                        </tr>
                    ))}
                </Table>
            )}
            {data.dead_letters.length > 0 && (
                <Table
                    label={all.dead_letters}
                    head={[
                        [all.store],
                        [all.agent],
                        [words.reason],
                        [all.records, "n"],
                        [words.when],
                    ]}
                >
                    {data.dead_letters.map((one) => (
                        <tr key={`${one.store}/${one.agent}/${one.kind}/${one.reason}`}>
                            <th scope="row">{one.store}</th>
                            <td>{one.agent}</td>
                            <td>
                                {words.letters[one.kind] ?? one.kind}
                                <br />
                                <small>{one.reason}</small>
                            </td>
                            <td class="n">{count(one.count, language)}</td>
                            <td class="when">{ago(one.last, now, language)}</td>
                        </tr>
                    ))}
                </Table>
            )}
        </>
    );
}

export function Quality({ data, language, now }: Props) {
    const all = console_text(language);
    const words = all.quality;
    const nothing = data.imports.length + data.dead_letters.length + data.agents.length === 0;
    return (
        <section data-section="quality">
            <h2>{words.title}</h2>
            <p class="hint">{words.hint}</p>
            {data.imports.length > 0 && <Imports data={data} language={language} now={now} />}
            <Shops data={data} language={language} now={now} />
            {data.members_without_activity > 0 && (
                <p class="hint">
                    {words.without_activity(
                        count(data.members_without_activity, language),
                        data.members_without_activity,
                    )}
                </p>
            )}
            {nothing && <p class="none">{all.none}</p>}
        </section>
    );
}
