// The members of the demonstration's shop: invented, the same for the same seed.

import { createHash } from "node:crypto";

const DAY = 86_400_000;

/** Those who can be steered through the shop: what each one shows. */
export const SHOPPERS = [
  { label: "Ana", says: "tout autorisé, achète du café et du fromage", grants: "all", level: "full", likes: [41, 21, 1], language: "fr", calls_me: "Ana", wishes: "Aime goûter avant de choisir" },
  { label: "Karim", says: "tout autorisé, cuisine beaucoup", grants: "all", level: "full", likes: [32, 5, 44, 82], language: "fr", calls_me: "M. Benali", wishes: "" },
  { label: "Emily", says: "personnalisation de base, en anglais", grants: ["recognise", "personalise", "measure"], level: "basic", likes: [42, 47], language: "en", calls_me: "", wishes: "" },
  { label: "Lucie", says: "reconnue, mais sans personnalisation", grants: ["recognise"], level: "none", likes: [31], language: "fr", calls_me: "", wishes: "" },
  { label: "Hugo", says: "membre sans aucun consentement", grants: [], level: "none", likes: [45, 46], language: "fr", calls_me: "", wishes: "" },
];

const PURPOSES = ["recognise", "personalise", "staff_view", "measure", "context"];

/** Numbers in [0, 1) that a seed fixes (mulberry32). */
function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const hex = (seed, what, digits) => createHash("sha256").update(`${seed}/${what}`).digest("hex").slice(0, digits);
const pick = (random, list) => list[Math.floor(random() * list.length)];

/** Half of them said yes to something, in different ways. */
function grantsOf(random) {
  if (random() < 0.5) return [];
  const wish = random();
  if (wish < 0.4) return PURPOSES;
  if (wish < 0.6) return ["recognise", "personalise", "measure", "context"];
  if (wish < 0.8) return ["recognise", "personalise"];
  return ["recognise", "measure"];
}

function memberOf(seed, index, random, leaves) {
  const known = SHOPPERS[index];
  const grants = known ? (known.grants === "all" ? PURPOSES : known.grants) : grantsOf(random);
  const likes = known ? known.likes : Array.from({ length: 3 + Math.floor(random() * 4) }, () => pick(random, leaves));
  const level = known ? known.level : grants.includes("personalise") ? pick(random, ["basic", "full", "full"]) : "none";
  return {
    likes,
    row: {
      member: hex(seed, `member ${index}`, 16),
      identity_key: hex(seed, `key ${index}`, 32),
      level,
      language: known ? known.language : random() < 0.85 ? "fr" : "en",
      age_proven: random() < 0.6,
      ...(random() < 0.2 ? { birth_month: 1 + Math.floor(random() * 12) } : {}),
      favourites: [...new Set(likes)].slice(0, 3),
      ...(known?.calls_me ? { calls_me: known.calls_me } : {}),
      ...(known?.wishes ? { wishes: known.wishes } : {}),
      ...Object.fromEntries(grants.map((purpose) => [purpose, true])),
    },
  };
}

/** A year of shopping: what somebody likes comes back in the rhythm of its category. */
function purchasesOf(member, catalogue, random, now) {
  const rows = [];
  const today = Math.floor(now / DAY);
  for (const id of new Set(member.likes)) {
    const rhythm = catalogue.categories.find((each) => each.id === id)?.rhythm_days ?? 14;
    const offers = catalogue.offers.filter((each) => each.category === id);
    for (let day = today - 2 - Math.floor(random() * 1.6 * rhythm); day > today - 365; day -= Math.max(1, Math.round(rhythm * (0.6 + 0.8 * random())))) {
      const offer = offers.length > 0 ? pick(random, offers) : undefined;
      rows.push({
        member: member.row.member,
        day: date(day),
        product: offer?.products?.[0] ?? 0,
        category: id,
        quantity: 1 + Math.floor(random() * 2),
        cents: offer?.price_cents ?? 300,
      });
    }
  }
  return rows;
}

const date = (day) => new Date(day * DAY).toISOString().slice(0, 10);

/** Visits to the web shop and the app, and baskets that some left behind there. */
function visitsOf(member, catalogue, random, now) {
  if (random() < 0.5) return [];
  const today = Math.floor(now / DAY);
  const rows = [];
  for (let day = today - Math.floor(random() * 10); day > today - 60; day -= 3 + Math.floor(random() * 14)) {
    rows.push({ member: member.row.member, day: date(day), channel: random() < 0.5 ? "web" : "app" });
  }
  const offers = catalogue.offers.filter((each) => member.likes.includes(each.category) && each.products?.length > 0);
  if (random() < 0.4 && offers.length > 0) {
    const basket = [...new Set(Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(random, offers).products[0]))].filter((each) => each > 0);
    if (basket.length > 0) rows.push({ member: member.row.member, day: date(today - 1 - Math.floor(random() * 5)), basket });
  }
  return rows;
}

const AUDIT = { age_band: ["18-29", "30-44", "45-59", "60+"], household: ["alone", "couple", "family"] };

/** Some of those who allow measuring said something of themselves, so that the shop can be audited. */
function auditOf(members, random) {
  const declared = Object.entries(AUDIT).map(([dimension, values]) => ({ dimension, values }));
  const told = members
    .filter((each) => each.row.measure && random() < 0.7)
    .map((each) => ({ member: each.row.member, audit: Object.fromEntries(Object.entries(AUDIT).map(([dimension, values]) => [dimension, pick(random, values)])) }));
  return [...declared, ...told];
}

export function makeMembers({ seed, count, catalogue, now }) {
  const random = randomFrom(seed);
  const sensitive = new Set(catalogue.categories.filter((each) => each.sensitive).map((each) => each.id));
  const leaves = catalogue.categories
    .filter((each) => catalogue.offers.some((offer) => offer.category === each.id))
    .filter((each) => !sensitive.has(each.id) || random() < 0.5)
    .map((each) => each.id);
  const members = Array.from({ length: count }, (_, index) => memberOf(seed, index, random, leaves));
  const purchases = members.flatMap((each) => purchasesOf(each, catalogue, random, now));
  return {
    members: members.map((each) => each.row),
    purchases,
    visits: members.flatMap((each) => visitsOf(each, catalogue, random, now)),
    audit: auditOf(members, random),
    phones: SHOPPERS.map((shopper, index) => ({ phone: shopper.label, key: members[index].row.identity_key })),
  };
}
