import type { Staff } from "../kinds";

export const words: Staff = {
    title: "Staff",
    purpose: "Members present who allow you to see them. Nobody else appears here.",
    empty: "Nobody to show",
    empty_hint: "Only members who are present and allow it appear here.",
    member: "Member",
    present: (count) => (count === 1 ? "1 member present" : `${count} members present`),
    not_shown: (count) => (count === 1 ? "and one more" : `and ${count} more`),
    at_kiosk: (kiosk) => `Kiosk ${kiosk}`,
    between: "In the shop",
    since: (time) => `since ${time}`,
    wishes: "Wishes",
    often_buys: "Often buys",
    favourites: "Favourites",
    last_visit: (days) =>
        days <= 0
            ? "Was here earlier today"
            : days === 1
              ? "Last visit yesterday"
              : `Last visit ${days} days ago`,
    first_visit: "Last visit not known",
    next_best: "Worth mentioning",
    no_next_best: "Nothing to mention for now.",
    not_tailored: "This member does not allow personalised offers: welcome them without history.",
    reasons: {
        popular_here: "Popular here",
        in_season: "In season",
        weather: "Suits the weather",
        time_of_day: "Suits the hour",
        new_to_you: "New to this member",
        everyone: "For everyone",
        your_favourite: "Named as a favourite",
        you_often_buy: "Often bought",
        running_out: "May need it soon",
        goes_with: "Goes with purchases",
        in_your_basket: "Left in the web basket",
        campaign: "Meets the conditions",
        suits_everyone_here: "Suits everyone",
    },
    logged: "Each look is logged, and the member can see it.",
    lost: "Connection lost: this is no longer up to date.",
    stale: "Offers waiting for an update",
    offline: "Head office not reachable",
    recognition_off: "Recognition is off",
};
