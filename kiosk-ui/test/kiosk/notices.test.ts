import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { words as en } from "../../src/text/en/kiosk";
import { words as fr } from "../../src/text/fr/kiosk";
import type { Kiosk } from "../../src/text/kinds";

// What a member read before they decided must be what their record says (REQUIREMENTS on consent).
const source = readFileSync("../agent/engine/notices.cpp", "utf8");

const shown: Record<string, (words: Kiosk) => [string, string]> = {
    pause: (words) => [words.pause_me, words.pause_me_hint],
    resume: (words) => [words.resume_me, words.resume_me_hint],
    forget: (words) => [words.forget_me, words.forget_me_hint],
    depersonalise: (words) => [words.depersonalise, words.depersonalise_hint],
};

describe("the notice of a consent record", () => {
    it.each(Object.keys(shown))("%s names the words that stood there", (kind) => {
        const at = source.indexOf(`"kiosk-${kind}"`);
        const [french, english] = [...source.slice(at).matchAll(/"([0-9a-f]{64})"/g)].map(
            (match) => match[1],
        );
        const digest = (words: Kiosk) =>
            createHash("sha256")
                .update(shown[kind]?.(words).join("\n") ?? "")
                .digest("hex");
        expect(at).toBeGreaterThan(0);
        expect(french).toBe(digest(fr));
        expect(english).toBe(digest(en));
    });
});
