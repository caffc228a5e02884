import { describe, expect, it } from "vitest";
import { reason_text } from "../../src/shared/card_text";
import { kReasonCodes, kValueKinds, type Language } from "../../src/shared/contract";
import { countdown, day, money, percent, value_label } from "../../src/shared/format";
import { words as claim_en } from "../../src/text/en/claim";
import { words as common_en } from "../../src/text/en/common";
import { words as console_en } from "../../src/text/en/console";
import { words as kiosk_en } from "../../src/text/en/kiosk";
import { words as login_en } from "../../src/text/en/login";
import { words as staff_en } from "../../src/text/en/staff";
import { words as claim_fr } from "../../src/text/fr/claim";
import { words as common_fr } from "../../src/text/fr/common";
import { words as console_fr } from "../../src/text/fr/console";
import { words as kiosk_fr } from "../../src/text/fr/kiosk";
import { words as login_fr } from "../../src/text/fr/login";
import { words as staff_fr } from "../../src/text/fr/staff";
import { local, make_card } from "../make";

const pairs = {
    common: [common_fr, common_en],
    kiosk: [kiosk_fr, kiosk_en],
    login: [login_fr, login_en],
    staff: [staff_fr, staff_en],
    console: [console_fr, console_en],
    claim: [claim_fr, claim_en],
} as const;

/** Every text of a dictionary by its path; functions are asked with a sample of each kind. */
function texts(value: unknown, path = ""): [string, string][] {
    if (typeof value === "string") return [[path, value]];
    if (typeof value === "function")
        return [0, 1, 2].map((n) => [`${path}(${n})`, String(value(n, String(n)))]);
    return Object.entries(value as object).flatMap(([key, item]) => texts(item, `${path}.${key}`));
}

describe.each(Object.entries(pairs))("the dictionary %s", (_name, [fr, en]) => {
    it("says everything in both languages", () => {
        expect(texts(en).map(([path]) => path)).toEqual(texts(fr).map(([path]) => path));
        for (const [path, text] of [...texts(fr), ...texts(en)])
            expect(text.trim(), path).not.toBe("");
    });
    it("keeps French punctuation with its word", () => {
        for (const [path, text] of texts(fr)) expect(text, path).not.toMatch(/ [?!;:]/);
    });
});

describe.each(["fr", "en"] as Language[])("reasons in %s", (language) => {
    it.each(kReasonCodes)("%s: with and without what it is about", (code) => {
        const general = reason_text({ code, category: { fr: "", en: "" } }, language);
        const about = reason_text({ code, category: local("Fromages", "Cheese") }, language);
        expect(general.length).toBeGreaterThan(8);
        expect(about).toContain(language === "fr" ? "Fromages" : "Cheese");
        expect(general).not.toContain("_");
        expect(about).not.toBe(general);
    });
    it("words a withheld personal reason in general terms", () => {
        for (const code of [
            "your_favourite",
            "you_often_buy",
            "running_out",
            "goes_with",
            "in_your_basket",
            "campaign",
        ] as const)
            expect(reason_text({ code, category: { fr: "", en: "" } }, language)).toMatch(
                language === "fr" ? /identifiez-vous pour le détail/ : /check in to see the detail/,
            );
    });
    it.each(kValueKinds)("has a word for the value %s", (kind) => {
        const words = language === "fr" ? common_fr : common_en;
        expect(words.value_kind[kind]).not.toBe("");
    });
});

describe("numbers", () => {
    const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, " ");
    it("are written as each language does", () => {
        expect(plain(money(498, "fr"))).toBe("4,98 €");
        expect(plain(money(498, "en"))).toBe("€4.98");
        expect(plain(percent(0.0825, "fr"))).toBe("8,3 %");
        expect(day(Date.UTC(2031, 11, 12, 12), "fr")).toBe("12 décembre");
        expect(countdown(249)).toBe("4:09");
    });
    it.each([
        ["price", 249, 249, "2,49 €"],
        ["percent_off", 20, null, "−20 %"],
        ["amount_off", 150, null, "−1,50 €"],
        ["points", 150, null, "+150 pts"],
        ["multi_buy", 3, null, ""],
        ["service", 0, null, ""],
    ] as const)("label a %s", (value_kind, value, price, label) => {
        expect(plain(value_label(make_card({ value_kind, value, price }), "fr"))).toBe(label);
    });
});
