/** What the centre has counted of the experiments, asked for apart from the overview. */
import { useEffect, useState } from "preact/hooks";
import {
    Bad,
    bool,
    integer,
    list,
    nullable,
    number,
    oneOf,
    type Parsed,
    type Parser,
    record,
    text,
} from "../shared/json";
import { get } from "../shared/post";

const count = integer(0);

const probability: Parser<number> = (value, at) => {
    const parsed = number(value, at);
    return parsed instanceof Bad || (parsed >= 0 && parsed <= 1)
        ? parsed
        : new Bad(at, "not in 0…1");
};

const arm = record({
    name: text(64),
    members: count,
    /** Of these, who opened something, and who took something. */
    responded: count,
    took: count,
    spent_cents: integer(),
});
export type Arm = Parsed<typeof arm>;

const comparison = record({
    measure: oneOf("responded", "took", "spent"),
    arm: text(64),
    against: text(64),
    /** Shares for responded and took; cents per member for spent. Null: not known. */
    difference: nullable(number),
    low: nullable(number),
    high: nullable(number),
    verdict: oneOf("higher", "lower", "undecided", "too_few", "sample_ratio"),
});
export type Comparison = Parsed<typeof comparison>;
export type Verdict = Comparison["verdict"];

const experiment = record({
    /** The policy's key, or "holdout". */
    id: text(64),
    layer: text(64),
    arms: list(arm, 64),
    sample_ratio: record({ p: nullable(probability), alarm: bool }),
    comparisons: list(comparison, 400),
});
export type Experiment = Parsed<typeof experiment>;

export const experiments = record({ experiments: list(experiment, 100) });

export interface Known {
    /** Null: nothing was ever understood. */
    list: Experiment[] | null;
    /** The last answer could not be had or read: what is shown may be old. */
    failed: boolean;
}

const kPath = "/api/v1/experiments";
export const kAskEvery = 60_000;

/** Null where there is nothing to show: not asked yet, logged out, or a centre that has none. */
export function useExperiments(): Known | null {
    const [known, set_known] = useState<Known | null>(null);
    useEffect(() => {
        let gone = false;
        const ask = async () => {
            const answer = await get(kPath);
            if (gone || answer.status === 401) return;
            if (answer.status === 404) return set_known(null);
            const parsed =
                answer.status === 200
                    ? experiments(answer.body, "experiments")
                    : new Bad("experiments", `answered by ${answer.status}`);
            if (!(parsed instanceof Bad))
                return set_known({ list: parsed.experiments, failed: false });
            console.warn(parsed.toString());
            set_known((before) => ({ list: before?.list ?? null, failed: true }));
        };
        void ask();
        const timer = setInterval(() => void ask(), kAskEvery);
        return () => {
            gone = true;
            clearInterval(timer);
        };
    }, []);
    return known;
}
