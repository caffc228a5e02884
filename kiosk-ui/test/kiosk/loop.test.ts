import { beforeEach, describe, expect, it } from "vitest";
import { keep_loop, load_loop } from "../../src/kiosk/loop";
import { make_screen } from "../make";

beforeEach(() => localStorage.clear());

describe("the kept loop", () => {
    it("comes back after a restart, without a code", () => {
        const claim = { offer: 1, url: "http://shop/c/abc", valid_until: null };
        keep_loop("entree", make_screen({ claim }), localStorage);
        expect(load_loop("entree", localStorage)).toEqual(make_screen());
        expect(load_loop("sortie", localStorage)).toBeNull();
    });

    it("is never what was chosen for someone", () => {
        for (const mode of ["tailored", "group", "conflict"] as const)
            keep_loop("entree", make_screen({ mode }), localStorage);
        expect(localStorage.length).toBe(0);
        localStorage.setItem(
            "vitrine.loop.entree",
            JSON.stringify(make_screen({ mode: "tailored" })),
        );
        expect(load_loop("entree", localStorage)).toBeNull();
    });

    it("is not trusted when it was tampered with", () => {
        localStorage.setItem("vitrine.loop.entree", '{"kiosk":"entree"}');
        expect(load_loop("entree", localStorage)).toBeNull();
    });

    it("does without a storage that refuses", () => {
        const refusing = {
            getItem: () => Promise.reject,
            setItem: undefined,
        } as unknown as Storage;
        expect(() => keep_loop("entree", make_screen(), refusing)).not.toThrow();
        expect(load_loop("entree", refusing)).toBeNull();
    });
});
