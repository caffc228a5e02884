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
