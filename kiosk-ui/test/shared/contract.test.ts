import { describe, expect, it } from "vitest";
import { voucher } from "../../src/claim/contract";
import { card, image, say, screen } from "../../src/shared/contract";
import { Bad, list, mapping, read, text } from "../../src/shared/json";
import { staff_board } from "../../src/staff/contract";
import { make_card, make_screen } from "../make";

const parse = (value: unknown) => read(JSON.stringify(value), screen, "screen");
const wrong = (value: unknown): string => {
    const parsed = parse(value);
    return parsed instanceof Bad ? parsed.toString() : "accepted";
};

describe("the screen parser", () => {
    it("reads what the agent writes, field by field", () => {
        const sent = make_screen({
            mode: "tailored",
            claim: {
                offer: 1,
                url: "http://127.0.0.1:8080/c/Zq3-v9_K",
                valid_until: 1_800_000_000_000,
            },
        });
        expect(parse(sent)).toEqual(sent);
    });

    it("reads an absent optional as null", () => {
        const { claim: _claim, ...rest } = make_screen();
        const { price: _price, ...bare } = make_card();
        const parsed = parse({ ...rest, cards: [bare] });
        expect(parsed).toMatchObject({ claim: null, cards: [{ price: null }] });
    });

    it("drops fields that it does not know", () => {
        const parsed = parse({ ...make_screen(), member: "0123456789abcdef" });
        expect(parsed).not.toHaveProperty("member");
    });

    it.each([
        ["a decision that is no id", { decision: "xyz" }, "screen.decision"],
        ["an unknown mode", { mode: "spy" }, "screen.mode"],
        ["a fractional revision", { revision: 1.5 }, "screen.revision"],
        ["a kiosk name with a slash", { kiosk: "../etc" }, "screen.kiosk"],
        ["nine cards", { cards: Array.from({ length: 9 }, () => make_card()) }, "screen.cards"],
        ["an idle time of nothing", { idle_after: 0 }, "screen.idle_after"],
        ["a condition that is a text", { condition: "fine" }, "screen.condition"],
        ["a third reason", { cards: [{ ...make_card(), why: [1, 2, 3] }] }, "screen.cards[0].why"],
        [
            "an unknown reason",
            { cards: [{ ...make_card(), why: [{ code: "pregnant", category: {} }] }] },
            "screen.cards[0].why[0].code",
        ],
        ["a negative price", { cards: [{ ...make_card(), price: -1 }] }, "screen.cards[0].price"],
        [
            "a title that is markup in a number",
            { cards: [{ ...make_card(), title: 7 }] },
            "screen.cards[0].title",
        ],
        [
            "a claim that runs script",
            { claim: { offer: 1, url: "javascript:alert(1)", valid_until: null } },
            "screen.claim.url",
        ],
        [
            "a claim outside /c/",
            { claim: { offer: 1, url: "http://shop/me?member=12", valid_until: null } },
            "screen.claim.url",
        ],
    ])("refuses %s, and says where", (_what, part, where) => {
        expect(wrong({ ...make_screen(), ...part })).toContain(where);
    });

    it.each([
        ["null"],
        ["[]"],
        ["42"],
        ['"screen"'],
        ["{}"],
        ["{"],
        [""],
    ])("refuses the document %s", (document) => {
        expect(read(document, screen, "screen")).toBeInstanceOf(Bad);
    });

    it("refuses a document that is too long before it parses it", () => {
        expect(read(`"${"x".repeat(1_000_001)}"`, text(), "t")).toMatchObject({ why: "too long" });
    });

    it("never repeats the value in its message", () => {
        expect(wrong({ ...make_screen(), decision: "secret-secret" })).not.toContain("secret");
    });

    it("is not fooled by inherited names", () => {
        expect(read('{"__proto__": {"state": "ready"}}', voucher, "v")).toBeInstanceOf(Bad);
        expect(({} as Record<string, unknown>).state).toBeUndefined();
    });
});

describe("a card's picture", () => {
    it.each([
        "https://elsewhere.example/a.svg",
        "//elsewhere.example/a.svg",
        "/images/../etc/passwd",
        "/images/a/b.svg",
        "data:image/svg+xml,<svg/>",
        "/images/.hidden",
        "",
    ])("is dropped when it is %s", (path) => {
        expect(image(path, "i")).toBe("");
    });
    it("stays when it is one of ours", () => {
        expect(image("/images/bread.svg", "i")).toBe("/images/bread.svg");
    });
});

describe("lists and mappings", () => {
    it("have limits", () => {
        expect(list(text(), 2)(["a", "b", "c"], "l")).toBeInstanceOf(Bad);
        expect(mapping(text(), 1)({ a: "1", b: "2" }, "m")).toBeInstanceOf(Bad);
    });
    it("come out in the order of their keys", () => {
        expect(mapping(text(), 5)({ b: "2", a: "1" }, "m")).toEqual([
            ["a", "1"],
            ["b", "2"],
        ]);
    });
});

describe("texts", () => {
    it("fall back to French", () => {
        expect(say({ fr: "Pain", en: "" }, "en")).toBe("Pain");
    });
});

describe("the staff board parser", () => {
    it("refuses more members than a board has", () => {
        const board = {
            revision: 1,
            members: Array.from({ length: 65 }, () => ({})),
            present_not_shown: 0,
            condition: make_screen().condition,
        };
        expect(staff_board(board, "board")).toMatchObject({ why: "more than 64" });
    });
});

describe("the card parser", () => {
    it("keeps an offer that never ends", () => {
        expect(card({ ...make_card(), valid_until: null }, "card")).toMatchObject({
            valid_until: null,
        });
    });
});
