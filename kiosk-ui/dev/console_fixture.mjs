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
