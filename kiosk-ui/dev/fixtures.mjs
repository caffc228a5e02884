import { bundles_at, fairness_at, quality_at } from "./console_fixture.mjs";

/** A small shop to look at: what a real agent and a real centre would send, made up. */

const local = (fr, en) => ({ fr, en });
const nothing = local("", "");

let next = 100;
const card = (image, category, title, detail, more) => ({
    offer: next++,
    title,
    detail,
    terms: local(
        "Dans la limite des stocks disponibles. Un article par passage en caisse.",
        "While stocks last. One item per visit to the till.",
    ),
    category,
    image: `/images/${image}.svg`,
    value_kind: "price",
    value: 0,
    price: null,
    prior_price: null,
    unit_price: "",
    valid_until: Date.UTC(2031, 11, 12, 22),
    saved: false,
    why: [{ code: "everyone", category: nothing }],
    ...more,
});

export const cards = {
    bread: card(
        "bread",
        local("Boulangerie", "Bakery"),
        local("Pain de campagne au levain", "Sourdough country loaf"),
        local(
            "Cuit ce matin dans notre fournil, croûte épaisse et mie de seigle.",
            "Baked this morning in our own oven, thick crust and rye crumb.",
        ),
        {
            price: 249,
            value: 249,
            prior_price: 310,
            unit_price: "4,98 €/kg",
            why: [
                { code: "popular_here", category: nothing },
                { code: "time_of_day", category: nothing },
            ],
        },
    ),
    cheese: card(
        "cheese",
        local("Crémerie & fromages", "Dairy & cheese"),
        local("Comté 12 mois, à la coupe", "Comté, aged 12 months, cut for you"),
        local(
            "Fruité et franc, affiné dans le Jura.",
            "Fruity and straightforward, aged in the Jura.",
        ),
        {
            value_kind: "percent_off",
            value: 20,
            price: 1590,
            prior_price: 1988,
            unit_price: "15,90 €/kg",
        },
    ),
    coffee: card(
        "coffee",
        local("Café", "Coffee"),
        local("Café en grains Moka d’Éthiopie", "Ethiopian mocha coffee beans"),
        local(
            "Torréfaction douce, notes de jasmin. 500 g.",
            "Light roast, a note of jasmine. 500 g.",
        ),
        {
            value_kind: "amount_off",
            value: 150,
            price: 740,
            prior_price: 890,
            unit_price: "14,80 €/kg",
        },
    ),
    vegetables: card(
        "vegetables",
        local("Fruits & légumes", "Fruit & vegetables"),
        local("Panier de légumes du marché", "Market vegetable basket"),
        local(
            "Carottes, poireaux, tomates : 3 kg de saison.",
            "Carrots, leeks, tomatoes: 3 kg in season.",
        ),
        {
            price: 690,
            value: 690,
            unit_price: "2,30 €/kg",
            why: [{ code: "in_season", category: nothing }],
        },
    ),
    kitchenware: card(
        "kitchenware",
        local("Cuisine", "Kitchen"),
        local("Cocotte en fonte émaillée 24 cm", "Enamelled cast-iron pot, 24 cm"),
        local(
            "Pour mijoter longtemps, garantie à vie.",
            "For long simmering, guaranteed for life.",
        ),
        { price: 8900, value: 8900, prior_price: 11900 },
    ),
    jam: card(
        "jam",
        local("Petit-déjeuner", "Breakfast"),
        local("Trois confitures, la troisième offerte", "Three jams, the third one free"),
        local(
            "Abricot, figue ou fraise, au chaudron.",
            "Apricot, fig or strawberry, from the cauldron.",
        ),
        { value_kind: "multi_buy", value: 3, price: 760, unit_price: "" },
    ),
    candles: card(
        "candles",
        local("Maison", "Home"),
        local("Bougies végétales, lot de trois", "Plant-wax candles, set of three"),
        local("Cire de colza, mèche en coton.", "Rapeseed wax, cotton wick."),
        { value_kind: "points", value: 150, price: 1250 },
    ),
    linen: card(
        "linen",
        local("Linge de maison", "Household linen"),
        local("Broderie offerte sur votre linge", "Free embroidery on your linen"),
        local(
            "Deux initiales, en atelier, sous huit jours.",
            "Two initials, in our workshop, within a week.",
        ),
        { value_kind: "service", value: 0 },
    ),
    garden: card(
        "garden",
        local("Jardin", "Garden"),
        local(
            "Kit de plantes aromatiques pour balcon, terreau et pots en terre cuite compris",
            "Balcony herb kit with potting compost and terracotta pots included",
        ),
        local(
            "Basilic, thym, menthe et ciboulette : tout ce qu’il faut pour commencer, même sans jardin et sans outil.",
            "Basil, thyme, mint and chives: all it takes to begin, even without a garden and without a tool.",
        ),
        { price: 1990, value: 1990, prior_price: 2450, unit_price: "" },
    ),
};

const reasons = (one, ...why) => ({ ...one, why });
const quiet = { offline: false, offers_stale: false, recognition_off: false };

let revision = 1;
export const screen = (kiosk, mode, list, more = {}) => ({
    kiosk,
    revision: revision++,
    mode,
    decision: revision.toString(16).padStart(16, "0"),
    language: "fr",
    cards: list,
    claim: null,
    check_in: null,
    verified: null,
    condition: quiet,
    idle_after: 30_000,
    idle_grace: 20_000,
    ...more,
});

const all = { recognise: true, paused: false, personalise: true };
const personal = [
    reasons(
        cards.cheese,
        { code: "you_often_buy", category: nothing },
        { code: "running_out", category: nothing },
    ),
    reasons(cards.coffee, { code: "goes_with", category: nothing }),
    reasons(cards.garden, { code: "in_season", category: nothing }),
];
const verified = reasons(
    cards.coffee,
    { code: "you_often_buy", category: cards.coffee.category },
    { code: "running_out", category: cards.coffee.category },
);

const { bread, cheese, coffee, vegetables, kitchenware, jam, candles, linen, garden } = cards;

/** Every state that a kiosk can be sent into. */
export const scenes = {
    ambient: (kiosk) =>
        screen(kiosk, "ambient", [
            bread,
            cheese,
            coffee,
            vegetables,
            kitchenware,
            jam,
            candles,
            linen,
        ]),
    long: (kiosk) => screen(kiosk, "ambient", [garden, bread, linen]),
    tailored: (kiosk) => screen(kiosk, "tailored", personal),
    verified: (kiosk) =>
        screen(kiosk, "tailored", [verified, personal[0], personal[2]], { verified: all }),
    paused: (kiosk) =>
        screen(kiosk, "tailored", personal, {
            verified: { ...all, recognise: false, paused: true },
        }),
    two: (kiosk) => screen(kiosk, "tailored", personal.slice(0, 2)),
    group: (kiosk) =>
        screen(
            kiosk,
            "group",
            [bread, vegetables, jam].map((one) =>
                reasons(one, { code: "suits_everyone_here", category: nothing }),
            ),
        ),
    conflict: (kiosk) => screen(kiosk, "conflict", [vegetables, bread, candles]),
    conditions: (kiosk) =>
        screen(kiosk, "ambient", [kitchenware, bread, cheese, coffee], {
            condition: { offline: true, offers_stale: true, recognition_off: true },
        }),
    quick: (kiosk) => screen(kiosk, "ambient", [vegetables, bread, cheese], { idle_after: 1000 }),
};

const now = Date.now();
export const board = {
    revision: 4,
    members: [
        {
            ref: "a1",
            calls_me: "Mme Ana",
            wishes: "Me laisser flâner ; conseils bienvenus au rayon fromages.",
            kiosk: "kiosk-2",
            place: "Fromages",
            since: now - 4 * 60_000,
            tailored: true,
            often_buys: [cards.cheese.category, cards.coffee.category, cards.bread.category],
            favourites: [cards.garden.category],
            last_visit_day: Math.floor(now / 86_400_000) - 9,
            next_best: [
                reasons(
                    cards.cheese,
                    { code: "you_often_buy", category: cards.cheese.category },
                    { code: "running_out", category: cards.cheese.category },
                ),
                reasons(cards.garden, { code: "your_favourite", category: cards.garden.category }),
                reasons(cards.coffee, { code: "goes_with", category: cards.cheese.category }),
            ],
        },
        {
            ref: "b2",
            calls_me: "",
            wishes: "",
            kiosk: "",
            place: "",
            since: now - 60_000,
            tailored: false,
            often_buys: [],
            favourites: [],
            last_visit_day: 0,
            next_best: [],
        },
        {
            ref: "c3",
            calls_me: "Karim",
            wishes: "",
            kiosk: "kiosk-1",
            place: "Entrée",
            since: now - 11 * 60_000,
            tailored: true,
            often_buys: [cards.kitchenware.category],
            favourites: [],
            last_visit_day: Math.floor(now / 86_400_000) - 1,
            next_best: [reasons(cards.kitchenware, { code: "popular_here", category: nothing })],
        },
    ],
    present_not_shown: 0,
    condition: quiet,
};

const epochs = { catalogue: 12, profiles: 48, model: 31, policy: 3, recognition: 6 };
const day = Array.from({ length: 96 }, (_, index) => {
    const hour = new Date(now - (96 - index) * 900_000).getHours() + (index % 4) / 4;
    const trade =
        Math.max(0, Math.sin((hour < 8 || hour > 20.5 ? 0 : (hour - 8) / 12.5) * Math.PI)) * 90;
    const rush = Math.exp(-(((hour - 18) / 1.4) ** 2)) * 70;
    const records = Math.round(trade + rush + ((index * 37) % 11));
    return {
        t: now - (96 - index) * 900_000,
        records,
        views: Math.round(records * 0.55),
        clicks: Math.round(records * 0.08),
    };
});
export const overview = {
    fairness: fairness_at(now),
    quality: quality_at(now),
    central: {
        version: "0.1.0",
        started: now - 26 * 3_600_000,
        records_merged: 184_213,
        dead_letters: 2,
        signing_key: "ed25519:7f3c9a52e1d04b88",
    },
    kpis: {
        visits: 3120,
        impressions: 48_210,
        clicks: 3977,
        dismissals: 412,
        saves: 861,
        claims: 540,
        redemptions: 221,
        orders: 9120,
        orders_of_members: 3044,
        ctr: 0.0825,
    },
    bundles: bundles_at(now),
    members: {
        enrolled: 300,
        recognise: 152,
        personalise: 131,
        staff_view: 58,
        measure: 119,
        context: 97,
        erased: 4,
    },
    stores: [
        {
            store: "lyon-croix-rousse",
            agents: [
                {
                    agent: "halle-1",
                    online: true,
                    last_seen: now - 4000,
                    epoch: "69a1f03c5e7d2b48",
                    watermark: 91_204,
                    lag_seconds: 2,
                    records: 91_204,
                    backlog: 0,
                    gaps: 0,
                    epochs,
                },
            ],
        },
        {
            store: "nantes-talensac",
            agents: [
                {
                    agent: "halle-2",
                    online: false,
                    last_seen: now - 5_400_000,
                    epoch: "68f2b6d1904ce537",
                    watermark: 88_010,
                    lag_seconds: 5400,
                    records: 88_014,
                    backlog: 312,
                    gaps: 1,
                    epochs: { ...epochs, profiles: 44, model: 29 },
                },
                {
                    agent: "scanner-7",
                    online: true,
                    last_seen: now - 9000,
                    epoch: "69a1f0770c3e5d21",
                    watermark: 4995,
                    lag_seconds: 11,
                    records: 4995,
                    backlog: 3,
                    gaps: 0,
                    epochs: { catalogue: 0, profiles: 0, model: 0, policy: 0, recognition: 6 },
                },
            ],
        },
    ],
    offers: Object.values(cards).map((one, index) => ({
        offer: one.offer,
        title: one.title,
        views: 6120 - index * 610,
        clicks: 702 - index * 81,
        dismissals: 31 + ((index * 17) % 40),
        saves: 155 - index * 15,
    })),
    series: day,
};

export const vouchers = {
    "ready-token": { state: "ready", offer: cards.coffee, code: "" },
    "used-token": { state: "used", offer: cards.coffee, code: "" },
    "expired-token": { state: "expired", offer: null, code: "" },
};
