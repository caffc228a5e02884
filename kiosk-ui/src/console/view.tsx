import { useEffect, useState } from "preact/hooks";
import { clock } from "../shared/clock";
import { type Language, say } from "../shared/contract";
import { count, percent } from "../shared/format";
import { Check, Clock, Cut } from "../shared/icons";
import { useExperiments } from "./experiments";
import { Experiments } from "./experiments_view";
import { Fairness } from "./fairness";
import type { Agent, Overview } from "./overview";
import { Plot } from "./plot";
import { Quality } from "./quality";
import { Table } from "./table";
import { ago, console_text, lag, size } from "./words";

/** A store that is further behind than this is said to be behind. */
const kBehindSeconds = 60;

interface Props {
    data: Overview;
    language: Language;
    now: number;
}

function Figure({ label, value }: { label: string; value: string }) {
    return (
        <div class="figure">
            <dt>{label}</dt>
            <dd>{value}</dd>
        </div>
    );
}

function State({ agent, language }: { agent: Agent; language: Language }) {
    const words = console_text(language);
    if (!agent.online)
        return (
            <span class="state off">
                <Cut /> {words.offline}
            </span>
        );
    const behind = agent.gaps > 0 || (agent.lag_seconds ?? 0) > kBehindSeconds;
    return (
        <span class={behind ? "state late" : "state on"}>
            {behind ? <Clock /> : <Check />} {words.online},{" "}
            {behind ? words.behind : words.in_order}
        </span>
    );
}

function Stores({ data, language, now }: Props) {
    const words = console_text(language);
    const rows = data.stores.flatMap((store) =>
        store.agents.map((agent) => (
            <tr
                key={`${store.store}/${agent.agent}`}
                data-store={store.store}
                data-agent={agent.agent}
            >
                <th scope="row">{store.store}</th>
                <td>{agent.agent}</td>
                <td>
                    <State agent={agent} language={language} />
                </td>
                <td>
                    {agent.last_seen === null ? words.never : ago(agent.last_seen, now, language)}
                </td>
                <td class="n">
                    {agent.lag_seconds === null ? "–" : lag(agent.lag_seconds, language)}
                </td>
                <td class="n">{count(agent.records, language)}</td>
                <td class="n">{count(agent.watermark, language)}</td>
                <td class="n">{agent.backlog === null ? "–" : count(agent.backlog, language)}</td>
                <td class="n">{count(agent.gaps, language)}</td>
                <td class="n">
                    {agent.losses
                        .map(
                            ([kind, lost]) =>
                                `${count(lost, language)} ${words.losses_of[kind] ?? kind}`,
                        )
                        .join(", ") || "0"}
                </td>
                <td class="epochs">
                    {agent.epochs.map(([kind, epoch]) => `${kind} ${epoch}`).join(", ")}
                </td>
            </tr>
        )),
    );
    return (
        <section>
            <h2>{words.stores}</h2>
            <Table
                head={[
                    [words.store],
                    [words.agent],
                    [words.state],
                    [words.last_seen],
                    [words.lag, "n"],
                    [words.records, "n"],
                    [words.watermark, "n"],
                    [words.backlog, "n"],
                    [words.gaps, "n"],
                    [words.losses, "n"],
                    [words.epochs],
                ]}
            >
                {rows}
            </Table>
            {rows.length === 0 && <p class="none">{words.none}</p>}
        </section>
    );
}

function Offers({ data, language }: Props) {
    const words = console_text(language);
    return (
        <section>
            <h2>{words.offers}</h2>
            <Table
                head={[
                    [words.offer],
                    [words.views, "n"],
                    [words.clicks, "n"],
                    [words.share, "n"],
                    [words.dismissals, "n"],
                    [words.saves, "n"],
                ]}
            >
                {data.offers.map((offer) => (
                    <tr key={offer.offer} data-offer={offer.offer}>
                        <th scope="row">{say(offer.title, language) || `#${offer.offer}`}</th>
                        <td class="n">{count(offer.views, language)}</td>
                        <td class="n">{count(offer.clicks, language)}</td>
                        <td class="n">
                            {offer.views === 0
                                ? "–"
                                : percent(offer.clicks / offer.views, language)}
                        </td>
                        <td class="n">{count(offer.dismissals, language)}</td>
                        <td class="n">{count(offer.saves, language)}</td>
                    </tr>
                ))}
            </Table>
            {data.offers.length === 0 && <p class="none">{words.none}</p>}
        </section>
    );
}

function Members({ data, language }: Props) {
    const words = console_text(language);
    const { members } = data;
    const purposes = ["recognise", "personalise", "staff_view", "measure", "context"] as const;
    return (
        <section>
            <h2>{words.members}</h2>
            <p class="hint">{words.members_hint}</p>
            <dl class="purposes">
                <Figure label={words.enrolled} value={count(members.enrolled, language)} />
                {purposes.map((purpose) => (
                    <Figure
                        key={purpose}
                        label={words[purpose]}
                        value={count(members[purpose], language)}
                    />
                ))}
                <Figure label={words.erased} value={count(members.erased, language)} />
            </dl>
        </section>
    );
}

function Bundles({ data, language, now }: Props) {
    const words = console_text(language);
    return (
        <section>
            <h2>{words.bundles}</h2>
            <Table
                head={[
                    [words.kind],
                    [words.store],
                    [words.epoch, "n"],
                    [words.size, "n"],
                    [words.published],
                ]}
            >
                {data.bundles.map((bundle) => (
                    <tr key={`${bundle.kind}/${bundle.store}`}>
                        <th scope="row">{bundle.kind}</th>
                        <td>{bundle.store === "" ? words.all_stores : bundle.store}</td>
                        <td class="n">{count(bundle.epoch, language)}</td>
                        <td class="n">{size(bundle.bytes, language)}</td>
                        <td class="when">{ago(bundle.published, now, language)}</td>
                    </tr>
                ))}
            </Table>
            {data.bundles.length === 0 && <p class="none">{words.none}</p>}
        </section>
    );
}

/** The time, looked up again every few seconds, so that "4 s ago" does not stand still. */
function useNow(): number {
    const [now, set_now] = useState(() => clock().wall);
    useEffect(() => {
        const timer = setInterval(() => set_now(clock().wall), 5_000);
        return () => clearInterval(timer);
    }, []);
    return now;
}

export function Console({ data, language }: { data: Overview; language: Language }) {
    const words = console_text(language);
    const now = useNow();
    const experiments = useExperiments();
    const { central, kpis } = data;
    const all = { data, language, now };
    return (
        <div class="console">
            <dl class="figures" aria-label={words.totals}>
                <Figure
                    label={words.records_merged}
                    value={count(central.records_merged, language)}
                />
                <Figure label={words.visits} value={count(kpis.visits, language)} />
                <Figure label={words.views} value={count(kpis.impressions, language)} />
                <Figure label={words.clicks} value={count(kpis.clicks, language)} />
                <Figure
                    label={words.ctr}
                    value={kpis.ctr === null ? "–" : percent(kpis.ctr, language)}
                />
                <Figure label={words.saves} value={count(kpis.saves, language)} />
                <Figure label={words.claims} value={count(kpis.claims, language)} />
                <Figure label={words.redemptions} value={count(kpis.redemptions, language)} />
                <Figure label={words.orders} value={count(kpis.orders, language)} />
                <Figure label={words.dismissals} value={count(kpis.dismissals, language)} />
                <Figure label={words.dead_letters} value={count(central.dead_letters, language)} />
            </dl>
            <Stores {...all} />
            <section>
                <h2>{words.activity}</h2>
                <p class="hint">{words.activity_hint}</p>
                {data.series.length > 1 ? (
                    <Plot series={data.series} language={language} />
                ) : (
                    <p class="none">{words.none}</p>
                )}
            </section>
            <Offers {...all} />
            {experiments && <Experiments known={experiments} language={language} />}
            <Fairness data={data.fairness} language={language} now={now} />
            <Quality data={data.quality} language={language} now={now} />
            <div class="pair">
                <Members {...all} />
                <Bundles {...all} />
            </div>
            <footer>
                {words.version(central.version, ago(central.started, now, language))} ·{" "}
                {words.signing_key} <code>{central.signing_key}</code>
            </footer>
        </div>
    );
}
