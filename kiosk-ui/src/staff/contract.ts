/** What the staff page alone hears: the C++ structs of agent/session, field by field. */
import { card, condition, local_text } from "../shared/contract";
import { bool, integer, list, matching, type Parsed, record, text } from "../shared/json";

const name_or_empty = matching(/^([a-z0-9][a-z0-9-]{0,30})?$/, "a name");

/** Staff: one member present who allows it. `last_visit_day` counts days since 1970; 0: unknown. */
export const staff_entry = record({
    ref: text(64),
    calls_me: text(200),
    wishes: text(),
    kiosk: name_or_empty,
    place: text(200),
    since: integer(0),
    tailored: bool,
    often_buys: list(local_text, 5),
    favourites: list(local_text, 5),
    last_visit_day: integer(0, 1_000_000),
    next_best: list(card, 3),
});
export type StaffEntry = Parsed<typeof staff_entry>;

export const staff_board = record({
    revision: integer(0),
    members: list(staff_entry, 64),
    present_not_shown: integer(0),
    condition,
});
export type StaffBoard = Parsed<typeof staff_board>;
