import { render } from "preact";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { keep_taken, load_taken } from "../../src/claim/taken";
import { stand_of, VoucherView } from "../../src/claim/view";
import { make_card } from "../make";

const answer = (status: number, body: unknown) => ({ status, body, retry_after: null });
const ready = { state: "ready", offer: make_card(), code: "" };

beforeEach(() => sessionStorage.clear());

describe("what an answer means", () => {
    it.each([
        [answer(200, ready), false, "ready"],
        [answer(200, { ...ready, state: "used", code: "KQ7-4M2" }), true, "yours"],
        [answer(200, { ...ready, state: "used", code: "KQ7-4M2" }), false, "used"],
        [answer(409, { ...ready, state: "used" }), true, "used"],
        [answer(410, { state: "expired", offer: null, code: "" }), true, "expired"],
        [answer(404, { state: "unknown", code: "" }), false, "unknown"],
        [answer(404, null), false, "unknown"],
        [answer(0, null), false, "unreachable"],
        [answer(200, { state: "free", offer: null, code: "" }), false, "unreachable"],
        [answer(200, { ...ready, code: "<script>" }), true, "unreachable"],
    ])("%j, taking %s: %s", (given, taking, shown) => {
        expect(stand_of(given, taking).shown).toBe(shown);
    });
});

describe("the voucher", () => {
    const draw = (given: ReturnType<typeof stand_of>) => {
        const root = document.createElement("div");
        const take = vi.fn();
        render(<VoucherView stand={given} language="en" take={take} again={vi.fn()} />, root);
        return { root, take };
    };
    it("can be taken while it is ready", () => {
        const { root, take } = draw(stand_of(answer(200, ready), false));
        (root.querySelector('[data-action="claim"]') as HTMLElement).click();
        expect(take).toHaveBeenCalledOnce();
        expect(root.querySelector(".qr")).toBeNull();
    });
    it("shows the till code once it is yours", () => {
        const { root } = draw(
            stand_of(answer(200, { ...ready, state: "used", code: "KQ7" }), true),
        );
        expect(root.textContent).toContain("KQ7");
        expect(root.querySelector(".qr")).not.toBeNull();
        expect(root.querySelector('[data-action="claim"]')).toBeNull();
    });
    it("shows no code to anyone else", () => {
        const { root } = draw(
            stand_of(answer(200, { ...ready, state: "used", code: "KQ7" }), false),
        );
        expect(root.textContent).not.toContain("KQ7");
    });
});

describe("what a phone took", () => {
    it("is there after a reload, under its own link only", () => {
        const taken = { state: "used" as const, offer: make_card(), code: "KQ7" };
        keep_taken("abc", taken, sessionStorage);
        expect(load_taken("abc", sessionStorage)).toEqual(taken);
        expect(load_taken("abd", sessionStorage)).toBeNull();
        sessionStorage.setItem("vitrine.voucher.abe", '{"code":1}');
        expect(load_taken("abe", sessionStorage)).toBeNull();
    });
});
