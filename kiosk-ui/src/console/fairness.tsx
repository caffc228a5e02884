import { useState } from "preact/hooks";
import type { Language } from "../shared/contract";
import { count, money, percent } from "../shared/format";
import { Check, Clock, Cross } from "../shared/icons";
import { post } from "../shared/post";
import type { Comparison, Fairness as Data, Finding, Group } from "./overview";
import { Table } from "./table";
import { ago, console_text } from "./words";

interface Props {
    data: Data;
    language: Language;
    now: number;
}

const kMeasures = ["shown", "opened", "taken"] as const;

/** "72 % (0.78 of the best)", with what the data can say of it. */
function Cell({ one, language }: { one: Comparison | undefined; language: Language }) {
    const words = console_text(language).fairness;
    if (!one) return <td class="n">–</td>;
    const rate = percent(one.rate, language, 0);
    if (one.verdict === "best" || one.verdict === "fair")
        return (
            <td class="n">
                <span class="state on">
                    <Check /> {rate}
                </span>
            </td>
        );
    const alarm = one.verdict === "alarm";
    return (
        <td class="n" data-verdict={one.verdict}>
            <span class={alarm ? "state off" : "state late"}>
                {alarm ? <Cross /> : <Clock />} {rate}, {alarm ? words.alarm : words.unclear}
            </span>
        </td>
    );
}

function Row({ group, data, language }: { group: Group; data: Data; language: Language }) {
    const words = console_text(language).fairness;
    const few = group.members === null;
    return (
        <tr data-group={`${group.dimension}/${group.value}`}>
            <th scope="row">{group.dimension}</th>
            <td>{group.value}</td>
            <td class="n">
                {group.members === null
                    ? words.fewer(data.members_min)
                    : count(group.members, language)}
            </td>
            {kMeasures.map((measure) => (
                <Cell
                    key={measure}
                    language={language}
                    one={data.comparisons.find(
                        (one) =>
                            one.dimension === group.dimension &&
                            one.value === group.value &&
                            one.measure === measure,
                    )}
                />
            ))}
            <td class="n">
                {few || group.benefit_cents_per_member === null
                    ? "–"
                    : money(group.benefit_cents_per_member, language)}
            </td>
        </tr>
    );
}

/** An open finding asks for a reason; the page that follows shows who signed. */
function SignOff({ finding, language }: { finding: Finding; language: Language }) {
    const words = console_text(language).fairness;
    const [failed, set_failed] = useState(false);
    const [busy, set_busy] = useState(false);
    return (
        <form
            class="sign"
            onSubmit={async (event) => {
                event.preventDefault();
                const reason = String(new FormData(event.currentTarget).get("reason") ?? "");
                set_busy(true);
                const answer = await post(`/api/v1/fairness/findings/${finding.id}/sign-off`, {
                    reason,
                });
                set_busy(false);
                set_failed(answer.status !== 204);
            }}
        >
            <label>
                <span>{words.reason}</span>
                <input name="reason" required maxLength={160} autocomplete="off" />
            </label>
            <button type="submit" class="button" disabled={busy}>
                {words.sign_off}
            </button>
            <p role="alert">{failed ? words.not_signed : ""}</p>
        </form>
    );
}

function Found({ finding, language, now }: { finding: Finding; language: Language; now: number }) {
    const words = console_text(language).fairness;
    return (
        <li data-finding={finding.id}>
            <p>
                <b>
                    {finding.dimension}: {finding.value}
                </b>{" "}
                {words.found(
                    words[finding.measure],
                    percent(finding.ratio ?? 1, language, 0),
                    finding.best,
                )}
                {finding.offer > 0 && ` · ${words.of_offer} #${finding.offer}`} ·{" "}
                {ago(finding.opened, now, language)}
            </p>
            {finding.state === "open" ? (
                <SignOff finding={finding} language={language} />
            ) : (
                <p class="signed">{words.signed(finding.signed_by ?? "", finding.reason ?? "")}</p>
            )}
        </li>
    );
}

export function Fairness({ data, language, now }: Props) {
    const all = console_text(language);
    const words = all.fairness;
    return (
        <section>
            <h2>{words.title}</h2>
            <p class="hint">{words.hint(data.days)}</p>
            {data.groups.length > 0 ? (
                <Table
                    head={[
                        [words.dimension],
                        [words.group],
                        [all.members, "n"],
                        [words.shown, "n"],
                        [words.opened, "n"],
                        [words.taken, "n"],
                        [words.benefit, "n"],
                    ]}
                >
                    {data.groups.map((group) => (
                        <Row
                            key={`${group.dimension}/${group.value}`}
                            group={group}
                            data={data}
                            language={language}
                        />
                    ))}
                </Table>
            ) : (
                <p class="none">{all.none}</p>
            )}
            {data.findings.length > 0 && (
                <ul class="findings">
                    {data.findings.map((finding) => (
                        <Found key={finding.id} finding={finding} language={language} now={now} />
                    ))}
                </ul>
            )}
        </section>
    );
}
