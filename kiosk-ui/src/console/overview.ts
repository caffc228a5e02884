/** What the centre tells the console. Times in Unix milliseconds. */
import { local_text } from "../shared/contract";
import {
    bool,
    integer,
    list,
    mapping,
    nullable,
    number,
    oneOf,
    otherwise,
    type Parsed,
    record,
    text,
} from "../shared/json";

const count = integer(0);

const agent = record({
    agent: text(64),
    online: bool,
    last_seen: nullable(integer(0)),
    epoch: text(20),
    watermark: count,
    lag_seconds: nullable(number),
    records: count,
    backlog: nullable(count),
    gaps: count,
    losses: otherwise(mapping(count, 16), []),
    epochs: otherwise(mapping(count, 16), []),
});
export type Agent = Parsed<typeof agent>;

const measure = oneOf("shown", "opened", "taken");

const group = record({
    dimension: text(31),
    value: text(40),
    /** Null: fewer than may be shown. */
    members: nullable(count),
    benefit_cents_per_member: nullable(number),
});
export type Group = Parsed<typeof group>;

const comparison = record({
    dimension: text(31),
    value: text(40),
    measure,
    rate: number,
    verdict: oneOf("best", "fair", "unclear", "alarm"),
});
export type Comparison = Parsed<typeof comparison>;

const finding = record({
    id: count,
    state: oneOf("open", "signed_off"),
    opened: integer(0),
    dimension: text(31),
    value: text(40),
    best: text(40),
    measure,
    /** 0: all offers together. */
    offer: count,
    ratio: nullable(number),
    signed_by: nullable(text(64)),
    reason: nullable(text(500)),
});
export type Finding = Parsed<typeof finding>;

const fairness = record({
    days: count,
    members_min: count,
    groups: list(group, 100),
    comparisons: list(comparison, 1000),
    findings: list(finding, 200),
});
export type Fairness = Parsed<typeof fairness>;

const flaw = oneOf(
    "duplicate",
    "stale",
    "impossible",
    "missing",
    "unknown",
    "unusual",
    "malformed",
);

const imported = record({
    kind: text(16),
    file: text(255),
    started: integer(0),
    /** Null: it stopped in the middle. */
    finished: nullable(integer(0)),
    rows: count,
    taken: count,
    refused: count,
    findings: list(
        record({
            flaw,
            column: text(64),
            reason: text(300),
            refused: bool,
            count,
            lines: list(count, 5),
        }),
        100,
    ),
    columns: list(record({ name: text(64), required: bool, given: count }), 256),
});
export type Imported = Parsed<typeof imported>;

const quality = record({
    imports: list(imported, 50),
    dead_letters: list(
        record({
            store: text(64),
            agent: text(64),
            kind: text(16),
            reason: text(200),
            count,
            last: integer(0),
        }),
        50,
    ),
    agents: list(
        record({
            store: text(64),
            agent: text(64),
            given_up: count,
            ahead_seconds: count,
            cloned: count,
        }),
        1000,
    ),
    members_without_activity: count,
});
export type Quality = Parsed<typeof quality>;

export const overview = record({
    central: record({
        version: text(64),
        started: integer(0),
        records_merged: count,
        dead_letters: count,
        signing_key: text(200),
    }),
    kpis: record({
        visits: count,
        impressions: count,
        clicks: count,
        dismissals: count,
        saves: count,
        claims: count,
        redemptions: otherwise(count, 0),
        orders: otherwise(count, 0),
        orders_of_members: otherwise(count, 0),
        ctr: nullable(number),
    }),
    bundles: list(
        record({
            kind: text(64),
            store: text(64),
            epoch: count,
            published: integer(0),
            bytes: count,
        }),
        1000,
    ),
    members: record({
        enrolled: count,
        recognise: count,
        personalise: count,
        staff_view: count,
        measure: count,
        context: count,
        erased: count,
    }),
    stores: list(record({ store: text(64), agents: list(agent, 100) }), 1000),
    offers: list(
        record({
            offer: count,
            title: local_text,
            views: count,
            clicks: count,
            dismissals: count,
            saves: count,
        }),
        1000,
    ),
    fairness: otherwise(fairness, {
        days: 90,
        members_min: 20,
        groups: [],
        comparisons: [],
        findings: [],
    }),
    quality: otherwise(quality, {
        imports: [],
        dead_letters: [],
        agents: [],
        members_without_activity: 0,
    }),
    series: list(record({ t: integer(0), records: count, clicks: count, views: count }), 5000),
});
export type Overview = Parsed<typeof overview>;
