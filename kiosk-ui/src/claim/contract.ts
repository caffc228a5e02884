/** What the voucher page alone hears. */
import { card } from "../shared/contract";
import { matching, nullable, oneOf, type Parsed, record } from "../shared/json";

/** The voucher page of a phone. */
export const voucher = record({
    state: oneOf("ready", "used", "expired", "unknown"),
    offer: nullable(card),
    code: matching(/^[\w -]{0,64}$/, "a code"),
});
export type Voucher = Parsed<typeof voucher>;
