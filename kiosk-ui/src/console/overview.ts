/** What the centre tells the console. Times in Unix milliseconds. */
import { local_text } from "../shared/contract";
import {
    bool,
    integer,
    list,
    mapping,
    nullable,
    number,
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
    epochs: otherwise(mapping(count, 16), []),
});
export type Agent = Parsed<typeof agent>;

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
    series: list(record({ t: integer(0), records: count, clicks: count, views: count }), 5000),
});
export type Overview = Parsed<typeof overview>;
