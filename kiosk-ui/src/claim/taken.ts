/**
 * What this phone took, so that a reload shows the code again: the link itself works only once.
 * Kept for the browser's session and no longer.
 */
import { Bad, read } from "../shared/json";
import { type Voucher, voucher } from "./contract";

const key = (token: string): string => `vitrine.voucher.${token}`;

export function load_taken(token: string, from: Storage): Voucher | null {
    try {
        const parsed = read(from.getItem(key(token)), voucher, "voucher");
        return parsed instanceof Bad || parsed.code === "" ? null : parsed;
    } catch {
        return null;
    }
}

export function keep_taken(token: string, taken: Voucher, to: Storage): void {
    try {
        to.setItem(key(token), JSON.stringify(taken));
    } catch {
        // Without storage the code still stands on the screen.
    }
}
