import type { Common } from "../kinds";

export const words: Common = {
    shop: "La Halle Vitrine",
    baseline: "Grocery & home",
    language: "English",
    prior_price: "lowest price of the last 30 days",
    until: (day) => `Until ${day}`,
    points: (count) => (count === 1 ? "1 point" : `${count} points`),
    value_kind: {
        price: "Good price",
        percent_off: "Instant discount",
        amount_off: "Instant discount",
        multi_buy: "Multi-buy",
        points: "Loyalty points",
        service: "Free service",
    },
    reasons: {
        popular_here: {
            about: (category) => `Popular in this shop: ${category}.`,
            general: "Popular in this shop.",
        },
        in_season: {
            about: (category) => `In season: ${category}.`,
            general: "It is the season for it.",
        },
        weather: {
            about: (category) => `Good in today’s weather: ${category}.`,
            general: "Good in today’s weather.",
        },
        time_of_day: {
            about: (category) => `Good at this time of day: ${category}.`,
            general: "Good at this time of day.",
        },
        new_to_you: {
            about: (category) => `For a change: ${category}.`,
            general: "For a change: we show this one to learn what people like.",
        },
        everyone: {
            about: (category) => `The shop shows this offer to everyone: ${category}.`,
            general: "The shop shows this offer to everyone.",
        },
        your_favourite: {
            about: (category) => `You named this as a favourite: ${category}.`,
            general: "It matches what you like; check in to see the detail.",
        },
        you_often_buy: {
            about: (category) => `You often buy this: ${category}.`,
            general: "It matches what you like; check in to see the detail.",
        },
        running_out: {
            about: (category) => `Going by your rhythm, you may need some soon: ${category}.`,
            general: "It matches your habits; check in to see the detail.",
        },
        goes_with: {
            about: (category) => `It goes with what you buy: ${category}.`,
            general: "It goes with what you like; check in to see the detail.",
        },
        in_your_basket: {
            about: (category) => `You left this in your basket online: ${category}.`,
            general: "It matches what you looked for; check in to see the detail.",
        },
        campaign: {
            about: (category) => `You meet this offer’s conditions: ${category}.`,
            general: "You meet this offer’s conditions; check in to see the detail.",
        },
        suits_everyone_here: {
            about: (category) => `Chosen to suit everyone here: ${category}.`,
            general: "Chosen to suit everyone here, without anyone’s profile.",
        },
    },
};
