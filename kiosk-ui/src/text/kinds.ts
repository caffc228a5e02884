/**
 * The shape of every dictionary: French is the source language, and each other one must fit it. A
 * folder a language, a file a page: a page carries only its own words.
 */
import type { ReasonCode, ValueKind } from "../shared/contract";

/** How a reason is worded: about a named category, or in general terms. */
export interface Wording {
    about(category: string): string;
    general: string;
}

export interface Common {
    shop: string;
    baseline: string;
    /** The language's own name. */
    language: string;
    prior_price: string;
    until(day: string): string;
    points(count: number): string;
    value_kind: Record<ValueKind, string>;
    reasons: Record<ReasonCode, Wording>;
}

export interface Kiosk {
    welcome: string;
    welcome_hint: string;
    touch_hint: string;
    all_offers: string;
    tailored: string;
    tailored_hint: string;
    group: string;
    group_hint: string;
    see: string;
    why: string;
    why_short: string;
    why_title: string;
    why_same_price: string;
    dismiss: string;
    save: string;
    saving: string;
    saved: string;
    back: string;
    done: string;
    more_terms: string;
    code_title: string;
    code_hint: string;
    code_left(time: string): string;
    code_expired: string;
    code_expired_hint: string;
    code_again: string;
    code_close: string;
    code_alt: string;
    /** Check-in: asking for its code, the code, and that it worked. */
    identify: string;
    identify_for_more: string;
    check_in_title: string;
    check_in_hint: string;
    checked_in: string;
    verified: string;
    /**
     * What one may decide after a check-in. Label and hint of each together are the notice that its
     * record names: test/kiosk/notices.test.ts holds agent/engine/notices.cpp to them.
     */
    choices: string;
    choices_hint: string;
    pause_me: string;
    pause_me_hint: string;
    resume_me: string;
    resume_me_hint: string;
    depersonalise: string;
    depersonalise_hint: string;
    forget_me: string;
    forget_me_hint: string;
    forget_title: string;
    forget_no: string;
    paused: string;
    resumed: string;
    depersonalised: string;
    forgotten: string;
    undecided: string;
    still_there: string;
    still_there_hint(seconds: number): string;
    still_here: string;
    dismissed: string;
    dismissed_here: string;
    failed: string;
    changed: string;
    offline: string;
    stale: string;
    recognition_off: string;
    unreachable: string;
    controls: string;
    other_language: string;
    large: string;
    contrast: string;
    listen: string;
    hush: string;
    pause: string;
    play: string;
}

export interface Login {
    user: string;
    password: string;
    enter: string;
    wrong: string;
    wait(seconds: number): string;
    unreachable: string;
    leave: string;
}

export interface Staff {
    title: string;
    purpose: string;
    empty: string;
    empty_hint: string;
    member: string;
    present(count: number): string;
    not_shown(count: number): string;
    at_kiosk(kiosk: string): string;
    between: string;
    since(time: string): string;
    wishes: string;
    often_buys: string;
    favourites: string;
    last_visit(days: number): string;
    first_visit: string;
    next_best: string;
    no_next_best: string;
    not_tailored: string;
    /** In the third person: these are read by staff, not by the member. */
    reasons: Record<ReasonCode, string>;
    logged: string;
    lost: string;
    stale: string;
    offline: string;
    recognition_off: string;
}

export interface Console {
    title: string;
    purpose: string;
    version(version: string, since: string): string;
    signing_key: string;
    records_merged: string;
    dead_letters: string;
    visits: string;
    views: string;
    clicks: string;
    dismissals: string;
    saves: string;
    claims: string;
    redemptions: string;
    orders: string;
    ctr: string;
    activity: string;
    activity_hint: string;
    time: string;
    records: string;
    stores: string;
    store: string;
    agent: string;
    state: string;
    online: string;
    offline: string;
    last_seen: string;
    never: string;
    lag: string;
    watermark: string;
    backlog: string;
    gaps: string;
    losses: string;
    losses_of: Readonly<Record<string, string>>;
    epochs: string;
    bundles: string;
    kind: string;
    epoch: string;
    size: string;
    published: string;
    offers: string;
    offer: string;
    members: string;
    enrolled: string;
    recognise: string;
    personalise: string;
    staff_view: string;
    measure: string;
    context: string;
    erased: string;
    members_hint: string;
    none: string;
    lost: string;
    loading: string;
    ago: { seconds(n: number): string; minutes(n: number): string; hours(n: number): string };
    quality: {
        title: string;
        hint: string;
        imports: string;
        agents: string;
        kinds: Readonly<Record<string, string>>;
        file: string;
        rows: string;
        when: string;
        result: string;
        what_was_found: string;
        reason: string;
        stopped: string;
        all_taken: string;
        refused(written: string, amount: number): string;
        /** Of rows that were not taken, behind their lines. */
        kept_out(amount: number): string;
        found(times: string, column: string, reason: string): string;
        lines(written: string, amount: number): string;
        empty: string;
        never_given: string;
        flaws: Readonly<Record<string, string>>;
        /** By what the centre says in English; what is not here is shown as it came. */
        why_found: (said: string) => string;
        out_of_bounds(low: string, high: string): string;
        letters: Readonly<Record<string, string>>;
        ahead: string;
        given_up: string;
        cloned: string;
        without_activity(written: string, amount: number): string;
    };
    fairness: {
        title: string;
        hint(days: number): string;
        dimension: string;
        group: string;
        shown: string;
        opened: string;
        taken: string;
        benefit: string;
        alarm: string;
        unclear: string;
        fewer(members: number): string;
        /** After the group's name: "opened: 54 % of 18-29". */
        found(measure: string, ratio: string, best: string): string;
        of_offer: string;
        reason: string;
        sign_off: string;
        not_signed: string;
        signed(by: string, reason: string): string;
    };
    experiments: {
        title: string;
        hint: string;
        none: string;
        failed: string;
        /** The global holdout, and its two arms. */
        holdout: string;
        everyone: string;
        tailored: string;
        layer(name: string): string;
        arm: string;
        /** What a table holds, for who hears it. */
        arms: string;
        comparisons: string;
        responded: string;
        took: string;
        /** Per member. */
        spent: string;
        measure: string;
        compared: string;
        against(arm: string, other: string): string;
        difference: string;
        /** Percentage points: the amount, and how it is written. */
        points(amount: number, written: string): string;
        between(difference: string, low: string, high: string): string;
        verdict: string;
        higher: string;
        lower: string;
        undecided: string;
        too_few: string;
        sample_ratio: string;
        /** The chance of it follows in brackets. */
        alarm: string;
    };
    all_stores: string;
    totals: string;
    in_order: string;
    behind: string;
    share: string;
}

export interface Claim {
    title: string;
    ready: string;
    ready_hint: string;
    take: string;
    taking: string;
    yours: string;
    yours_hint: string;
    code: string;
    code_alt: string;
    used: string;
    used_hint: string;
    expired: string;
    expired_hint: string;
    unknown: string;
    unknown_hint: string;
    unreachable: string;
    unreachable_hint: string;
    again: string;
    loading: string;
    privacy: string;
}
