/** Parts of what the console is told, as of a time. */

export const bundles_at = (now) => [
    {
        kind: "catalogue",
        store: "lyon-croix-rousse",
        epoch: 12,
        published: now - 7_200_000,
        bytes: 48_112,
    },
    {
        kind: "recognition",
        store: "lyon-croix-rousse",
        epoch: 6,
        published: now - 86_400_000,
        bytes: 612_400,
    },
    { kind: "model", store: "", epoch: 31, published: now - 900_000, bytes: 40_120 },
    { kind: "policy", store: "", epoch: 3, published: now - 3 * 86_400_000, bytes: 2140 },
];

const bands = [
    ["18-29", 42, [0.93, 0.31, 0.12]],
    ["30-44", 61, [0.92, 0.34, 0.15]],
    ["45-59", 38, [0.89, 0.3, 0.11]],
    ["60+", null, []],
];
const measures = ["shown", "opened", "taken"];
/** What the last files were like, and what shops sent that could not be used. */
export const quality_at = (now) => ({
    imports: [
        {
            kind: "purchases",
            file: "ventes-2026-11.csv.gz",
            started: now - 2 * 3_600_000,
            finished: now - 2 * 3_600_000 + 41_000,
            rows: 1_284_310,
            taken: 1_284_271,
            refused: 39,
            findings: [
                {
                    flaw: "duplicate",
                    column: "",
                    reason: "stands there before, with the same content",
                    refused: false,
                    count: 212,
                    lines: [4711, 4712, 20_014, 20_015, 20_016],
                },
                {
                    flaw: "impossible",
                    column: "day",
                    reason: "is in the future",
                    refused: true,
                    count: 37,
                    lines: [118, 119, 120, 121, 122],
                },
                {
                    flaw: "unknown",
                    column: "",
                    reason: "member is not known",
                    refused: true,
                    count: 2,
                    lines: [90_210, 90_211],
                },
                {
                    flaw: "unusual",
                    column: "cents",
                    reason: "is more than 5 times off the product's price",
                    refused: false,
                    count: 1,
                    lines: [55],
                },
            ],
            columns: [
                { name: "member", required: true, given: 1_284_310 },
                { name: "cents", required: false, given: 1_203_118 },
            ],
        },
        {
            kind: "members",
            file: "membres.csv",
            started: now - 26 * 3_600_000,
            finished: now - 26 * 3_600_000 + 9000,
            rows: 20_114,
            taken: 20_114,
            refused: 0,
            findings: [],
            columns: [{ name: "member", required: true, given: 20_114 }],
        },
        {
            kind: "visits",
            file: "web.jsonl",
            started: now - 50 * 3_600_000,
            finished: null,
            rows: 8000,
            taken: 8000,
            refused: 0,
            findings: [],
            columns: [],
        },
    ],
    dead_letters: [
        {
            store: "lyon-croix-rousse",
            agent: "kiosk-1",
            kind: "unreadable",
            reason: "data.position: expected a whole number from 0 to 255, got -1",
            count: 3,
            last: now - 5 * 3_600_000,
        },
    ],
    agents: [
        {
            store: "lyon-croix-rousse",
            agent: "kiosk-1",
            given_up: 12,
            ahead_seconds: 310,
            cloned: 0,
        },
    ],
    members_without_activity: 431,
});

/** How groups fared, as of `now`. */
export const fairness_at = (now) => ({
    days: 90,
    members_min: 20,
    groups: bands.map(([value, members]) => ({
        dimension: "age_band",
        value,
        members,
        benefit_cents_per_member: members === null ? null : 214,
    })),
    comparisons: bands.flatMap(([value, , rates]) =>
        rates.map((rate, i) => ({
            dimension: "age_band",
            value,
            measure: measures[i],
            rate,
            verdict: value === "30-44" ? "best" : i === 0 ? "fair" : i === 2 ? "alarm" : "unclear",
        })),
    ),
    findings: [
        {
            id: 2,
            state: "open",
            opened: now - 9 * 3_600_000,
            dimension: "age_band",
            value: "45-59",
            best: "30-44",
            measure: "taken",
            offer: 0,
            ratio: 0.61,
        },
        {
            id: 1,
            state: "signed_off",
            opened: now - 40 * 3_600_000,
            dimension: "household",
            value: "alone",
            best: "family",
            measure: "shown",
            offer: 1007,
            ratio: 0.42,
            signed_by: "marie",
            reason: "Offre rentrée des classes, pour les familles",
        },
    ],
});

const arm = (name, weight, members, responded, took, spent_cents) => ({
    name,
    weight,
    members,
    responded,
    took,
    spent_cents,
});
const compared = (arm, against, rows) =>
    rows.map(([measure, difference, low, high, verdict]) => ({
        measure,
        arm,
        against,
        difference,
        low,
        high,
        verdict,
    }));
/** One that tells, one that is too young to, and one whose arms went wrong. */
export const experiments = {
    experiments: [
        {
            id: "holdout",
            layer: "",
            arms: [
                arm("everyone", 50, 210, 31, 9, 182_300),
                arm("tailored", 950, 4012, 903, 310, 4_120_000),
            ],
            sample_ratio: { p: 0.9459, alarm: false },
            comparisons: compared("tailored", "everyone", [
                ["responded", 0.0775, 0.0214, 0.1331, "higher"],
                ["took", 0.0344, -0.0041, 0.0729, "undecided"],
                ["spent", 158.8, -40, 357.6, "undecided"],
            ]),
        },
        {
            id: "thompson-first",
            layer: "ranking",
            arms: [
                arm("as-before", 1, 1498, 402, 128, 1_540_200),
                arm("thompson", 1, 1511, 351, 97, 1_502_900),
                arm("greedy", 1, 14, 3, 0, 9_800),
            ],
            sample_ratio: { p: 0.62, alarm: false },
            comparisons: [
                ...compared("thompson", "as-before", [
                    ["responded", -0.0361, -0.0668, -0.0054, "lower"],
                    ["took", -0.0212, -0.0431, 0.0007, "undecided"],
                    ["spent", -33.5, -166.4, 99.4, "undecided"],
                ]),
                ...compared("greedy", "as-before", [
                    ["responded", -0.0541, null, null, "too_few"],
                    ["took", -0.0854, null, null, "too_few"],
                    ["spent", -328.2, null, null, "too_few"],
                ]),
            ],
        },
        {
            id: "evening-bread",
            layer: "",
            arms: [
                arm("a", 500, 1204, 240, 61, 1_204_000),
                arm("b", 500, 1003, 251, 80, 1_103_300),
            ],
            sample_ratio: { p: 0.000019, alarm: true },
            comparisons: compared("b", "a", [
                ["responded", 0.0509, null, null, "sample_ratio"],
                ["took", 0.0291, null, null, "sample_ratio"],
                ["spent", 100, null, null, "sample_ratio"],
            ]),
        },
    ],
};
