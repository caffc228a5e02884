import { type Action, initial, reduce, type State } from "../../src/kiosk/state";
import type { Screen, Touch } from "../../src/shared/contract";
import { at } from "../make";

/** Runs actions from a live screen; collects what would be posted. */
export function run(screen: Screen, ...actions: Action[]): { state: State; sent: Touch[] } {
    let state = initial(null, at(0));
    const sent: Touch[] = [];
    for (const action of [{ is: "screen", screen, at: at(0) } as Action, ...actions]) {
        const step = reduce(state, action);
        state = step.state;
        sent.push(...step.send);
    }
    return { state, sent };
}
