import type { ComponentChildren } from "preact";
import type { Language } from "../shared/contract";
import { count, money, percent } from "../shared/format";
import { Clock, Cross, icon } from "../shared/icons";
import type { Arm, Comparison, Experiment, Known, Verdict } from "./experiments";
import { Table } from "./table";
import { chance, console_text, money_between, points_between } from "./words";

const Up = icon(<path d="M12 20V5M6 11l6-6 6 6" />);
const Down = icon(<path d="M12 4v15M6 13l6 6 6-6" />);
const Level = icon(<path d="M4 9c3-3 5.5-3 8 0s5 3 8 0M4 16c3-3 5.5-3 8 0s5 3 8 0" />);

const kLooks: Record<Verdict, [string, () => ComponentChildren]> = {
    higher: ["state on", Up],
    lower: ["state off", Down],
    undecided: ["state open", Level],
    too_few: ["state late", Clock],
    sample_ratio: ["state off", Cross],
};

/** The global holdout's names are the centre's own; an experiment's are those of the policy. */
function arm_name(experiment: Experiment, name: string, language: Language): string {
    const words = console_text(language).experiments;
    if (experiment.id !== "holdout") return name;
    if (name === "everyone") return words.everyone;
    return name === "tailored" ? words.tailored : name;
}

function ArmRow({ arm, name, language }: { arm: Arm; name: string; language: Language }) {
    const each = (shown: string) => <td class="n">{arm.members === 0 ? "–" : shown}</td>;
    return (
        <tr data-arm={arm.name}>
            <th scope="row">{name}</th>
            <td class="n">{count(arm.members, language)}</td>
            {each(percent(arm.responded / arm.members, language))}
            {each(percent(arm.took / arm.members, language))}
            {each(money(arm.spent_cents / arm.members, language))}
        </tr>
    );
}

interface CompareProps {
    experiment: Experiment;
    one: Comparison;
    language: Language;
}

function ComparisonRow({ experiment, one, language }: CompareProps) {
    const words = console_text(language).experiments;
    // Whatever was concluded from arms of the wrong sizes is not shown.
    const verdict = experiment.sample_ratio.alarm ? "sample_ratio" : one.verdict;
    const [look, Icon] = kLooks[verdict];
    const { difference, low, high } = one;
    const known =
        verdict !== "sample_ratio" && difference !== null && low !== null && high !== null;
    const between = one.measure === "spent" ? money_between : points_between;
    return (
        <tr data-measure={one.measure} data-verdict={verdict}>
            <th scope="row">{words[one.measure]}</th>
            <td>
                {words.against(
                    arm_name(experiment, one.arm, language),
                    arm_name(experiment, one.against, language),
                )}
            </td>
            <td class="n">{known ? between(difference, low, high, language) : "–"}</td>
            <td>
                <span class={look}>
                    <Icon /> {words[verdict]}
                </span>
            </td>
        </tr>
    );
}

function One({ experiment, language }: { experiment: Experiment; language: Language }) {
    const all = console_text(language);
    const words = all.experiments;
    const { p, alarm } = experiment.sample_ratio;
    const title = experiment.id === "holdout" ? words.holdout : experiment.id;
    return (
        <article data-experiment={experiment.id}>
            <h3>
                {title}
                {experiment.layer !== "" && <small> {words.layer(experiment.layer)}</small>}
            </h3>
            {alarm && (
                <p class="warning">
                    <Cross />
                    <span>
                        {words.alarm}
                        {p !== null && ` (${chance(p, language)})`}
                    </span>
                </p>
            )}
            <Table
                label={`${title}, ${words.arms}`}
                head={[
                    [words.arm],
                    [all.members, "n"],
                    [words.responded, "n"],
                    [words.took, "n"],
                    [words.spent, "n"],
                ]}
            >
                {experiment.arms.map((arm) => (
                    <ArmRow
                        key={arm.name}
                        arm={arm}
                        name={arm_name(experiment, arm.name, language)}
                        language={language}
                    />
                ))}
            </Table>
            {experiment.comparisons.length > 0 && (
                <Table
                    kind="compared"
                    label={`${title}, ${words.comparisons}`}
                    head={[
                        [words.measure],
                        [words.compared],
                        [words.difference, "n"],
                        [words.verdict],
                    ]}
                >
                    {experiment.comparisons.map((one) => (
                        <ComparisonRow
                            key={`${one.measure}/${one.arm}/${one.against}`}
                            experiment={experiment}
                            one={one}
                            language={language}
                        />
                    ))}
                </Table>
            )}
        </article>
    );
}

export function Experiments({ known, language }: { known: Known; language: Language }) {
    const words = console_text(language).experiments;
    return (
        <section class="experiments">
            <h2>{words.title}</h2>
            <p class="hint">{words.hint}</p>
            {known.failed && (
                <p class="warning" role="status">
                    <Cross />
                    <span>{words.failed}</span>
                </p>
            )}
            {known.list?.length === 0 && <p class="none">{words.none}</p>}
            {known.list?.map((experiment) => (
                <One key={experiment.id} experiment={experiment} language={language} />
            ))}
        </section>
    );
}
