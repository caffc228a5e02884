/**
 * Takes a picture of every page in every state, and runs axe on each: `npm run shots [name…]`.
 * Pictures go to docs/screens; an accessibility finding or a refused policy fails the run.
 */
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { AxeBuilder } from "@axe-core/playwright";
import { launch } from "./browser.mjs";
import { Mock } from "./mock.mjs";

const out = process.env.SHOTS ?? fileURLToPath(new URL("../../docs/screens/", import.meta.url));
const wanted = process.argv.slice(2);
/** Checked like all others, but not kept: they show little that another picture does not. */
const unkept = new Set([
    "kiosk-ambient-landscape-en",
    "kiosk-conditions-landscape-large",
    "kiosk-still-there-landscape-en",
    "kiosk-ambient-long-titles",
    "kiosk-ambient-service",
    "kiosk-code-expired-landscape",
    "kiosk-code-large",
    "kiosk-detail-landscape-large",
    "kiosk-group-landscape-en",
    "kiosk-small-landscape",
    "kiosk-tailored-two",
    "kiosk-check-in-landscape-en",
    "kiosk-choices-landscape-large",
    "kiosk-choices-paused-portrait-fr",
    "kiosk-kept-landscape-fr",
    "kiosk-welcome-landscape-fr",
    "staff-login-wrong",
    "claim-expired-fr",
]);
/** Half the pixels are enough to see a page by; SCALE=1 to look closely. */
const scale = Number(process.env.SCALE ?? 0.5);

const portrait = { width: 1080, height: 1920 };
const landscape = { width: 1920, height: 1080 };
const tablet = { width: 1180, height: 820 };
const phone = { width: 390, height: 844 };
const desk = { width: 1440, height: 900 };

const press =
    (action, index = 0) =>
    (page) =>
        page
            .locator(
                `.layer:not(.leaving) [data-action="${action}"], .controls [data-action="${action}"]`,
            )
            .nth(index)
            .click();
const steps =
    (...list) =>
    async (page, mock) => {
        for (const step of list) {
            await step(page, mock);
            await page.waitForTimeout(500);
        }
    };
const wait = (selector) => (page) => page.waitForSelector(selector, { timeout: 8000 });
const login = steps(async (page) => {
    await page.fill('input[name="user"]', "ines");
    await page.fill('input[name="password"]', "halle");
    await page.click('button[type="submit"]');
}, wait("[data-page]"));

const kiosk = (scene, size, steps_ = async () => undefined, more = {}) => ({
    path: "/kiosk/entree",
    scene,
    size,
    act: steps_,
    ready: ".stage .layer",
    ...more,
});

const shots = {
    "kiosk-ambient-portrait-fr": kiosk("ambient", portrait),
    "kiosk-ambient-portrait-en-large": kiosk(
        "ambient",
        portrait,
        steps(press("language"), press("large")),
    ),
    "kiosk-ambient-landscape-fr": kiosk("ambient", landscape),
    "kiosk-ambient-landscape-en": kiosk(
        "ambient",
        landscape,
        steps(press("language"), press("slide", 4)),
    ),
    "kiosk-ambient-portrait-contrast": kiosk("ambient", portrait, steps(press("contrast"))),
    "kiosk-ambient-long-titles": kiosk("long", portrait),
    "kiosk-ambient-service": kiosk("ambient", landscape, steps(press("slide", 7))),
    "kiosk-tailored-portrait-fr": kiosk("tailored", portrait),
    "kiosk-tailored-landscape-en": kiosk("tailored", landscape, steps(press("language"))),
    "kiosk-tailored-portrait-large": kiosk("tailored", portrait, steps(press("large"))),
    "kiosk-tailored-landscape-large": kiosk("tailored", landscape, steps(press("large"))),
    "kiosk-tailored-contrast": kiosk("tailored", landscape, steps(press("contrast"))),
    "kiosk-tailored-two": kiosk("two", portrait),
    "kiosk-group-portrait-fr": kiosk("group", portrait),
    "kiosk-group-landscape-en": kiosk("group", landscape, steps(press("language"))),
    "kiosk-conflict-portrait-fr": kiosk("conflict", portrait),
    "kiosk-detail-portrait-fr": kiosk("tailored", portrait, steps(press("open", 1))),
    "kiosk-detail-landscape-en": kiosk(
        "tailored",
        landscape,
        steps(press("language"), press("open", 1)),
    ),
    "kiosk-detail-portrait-large": kiosk(
        "tailored",
        portrait,
        steps(press("large"), press("open", 2)),
    ),
    "kiosk-detail-landscape-large": kiosk(
        "tailored",
        landscape,
        steps(press("large"), press("open", 2)),
    ),
    "kiosk-why-portrait-fr": kiosk("tailored", portrait, steps(press("why", 0))),
    "kiosk-why-landscape-en": kiosk(
        "verified",
        landscape,
        steps(press("language"), press("why", 0)),
    ),
    "kiosk-why-large": kiosk("tailored", portrait, steps(press("large"), press("why", 0))),
    "kiosk-dismissed-portrait-fr": kiosk("tailored", portrait, steps(press("dismiss", 1))),
    "kiosk-code-portrait-fr": kiosk(
        "tailored",
        portrait,
        steps(press("open", 1), press("save"), wait(".qr")),
    ),
    "kiosk-code-landscape-en": kiosk(
        "tailored",
        landscape,
        steps(press("language"), press("open", 1), press("save"), wait(".qr")),
    ),
    "kiosk-code-large": kiosk(
        "tailored",
        landscape,
        steps(press("large"), press("open", 1), press("save"), wait(".qr")),
    ),
    "kiosk-code-expired-fr": kiosk(
        "tailored",
        portrait,
        steps(
            (_page, mock) => {
                mock.claim_lasts = 600;
            },
            press("open", 1),
            press("save"),
            wait(".code-over"),
        ),
    ),
    "kiosk-code-expired-landscape": kiosk(
        "tailored",
        landscape,
        steps(
            (_page, mock) => {
                mock.claim_lasts = 600;
            },
            press("open", 1),
            press("save"),
            wait(".code-over"),
        ),
    ),
    "kiosk-check-in-portrait-fr": kiosk("ambient", portrait, steps(press("identify"), wait(".qr"))),
    "kiosk-check-in-landscape-en": kiosk(
        "ambient",
        landscape,
        steps(press("language"), press("identify"), wait(".qr")),
    ),
    "kiosk-verified-portrait-fr": kiosk("verified", portrait),
    "kiosk-verified-why-portrait-fr": kiosk("verified", portrait, steps(press("why", 0))),
    "kiosk-choices-portrait-fr": kiosk("verified", portrait, steps(press("choices"))),
    "kiosk-choices-landscape-en": kiosk(
        "verified",
        landscape,
        steps(press("language"), press("choices")),
    ),
    "kiosk-choices-portrait-large": kiosk(
        "verified",
        portrait,
        steps(press("large"), press("choices")),
    ),
    "kiosk-choices-landscape-large": kiosk(
        "verified",
        landscape,
        steps(press("large"), press("choices")),
    ),
    "kiosk-choices-paused-portrait-fr": kiosk("paused", portrait, steps(press("choices"))),
    "kiosk-forget-portrait-fr": kiosk(
        "verified",
        portrait,
        steps(press("choices"), press("ask-forget")),
    ),
    "kiosk-paused-portrait-fr": kiosk(
        "verified",
        portrait,
        steps(press("choices"), press("pause")),
    ),
    "kiosk-kept-portrait-fr": kiosk(
        "tailored",
        portrait,
        steps(press("open", 1), press("save"), wait(".qr"), press("unsave")),
    ),
    "kiosk-kept-landscape-fr": kiosk(
        "tailored",
        landscape,
        steps(press("open", 1), press("save"), wait(".qr"), press("unsave")),
    ),
    "kiosk-still-there-portrait-fr": kiosk("quick", portrait, steps(press("open"), wait(".ask"))),
    "kiosk-still-there-landscape-en": kiosk(
        "quick",
        landscape,
        steps(press("language"), wait(".ask")),
    ),
    "kiosk-conditions-portrait-fr": kiosk("conditions", portrait),
    "kiosk-conditions-landscape-large": kiosk("conditions", landscape, steps(press("large"))),
    "kiosk-welcome-portrait-fr": kiosk("ambient", portrait, undefined, {
        silent: true,
        ready: ".welcome",
    }),
    "kiosk-welcome-landscape-fr": kiosk("ambient", landscape, undefined, {
        silent: true,
        ready: ".welcome",
    }),
    "kiosk-first-paint-without-network": kiosk(
        "ambient",
        landscape,
        steps(async (page, mock) => {
            mock.silent = true;
            await page.reload();
        }, wait(".hero")),
    ),
    "kiosk-small-landscape": kiosk("tailored", { width: 1280, height: 720 }),
    "staff-login-fr": { path: "/staff", size: tablet, ready: "form" },
    "staff-login-wrong": {
        path: "/staff",
        size: tablet,
        ready: "form",
        act: steps(async (page) => {
            await page.fill('input[name="user"]', "ines");
            await page.fill('input[name="password"]', "non");
            await page.click('button[type="submit"]');
        }, wait("[role=alert]:not(:empty)")),
    },
    "staff-board-fr": { path: "/staff", size: tablet, ready: "form", act: login },
    "staff-board-en-portrait": {
        path: "/staff",
        size: { width: 820, height: 1180 },
        ready: "form",
        act: steps(press_language, login),
    },
    "console-fr": { path: "/console", size: desk, ready: "form", act: login, full: true },
    "console-en": {
        path: "/console",
        size: desk,
        ready: "form",
        act: steps(press_language, login),
        full: true,
    },
    "claim-ready-fr": { path: "/c/ready-token", size: phone, ready: "[data-state=ready]" },
    "claim-taken-en": {
        path: "/c/ready-token",
        size: phone,
        ready: "[data-state=ready]",
        act: steps(
            press_language,
            (page) => page.click('[data-action="claim"]'),
            wait("[data-state=yours]"),
        ),
    },
    "claim-used-fr": { path: "/c/used-token", size: phone, ready: "[data-state=used]" },
    "claim-expired-fr": { path: "/c/expired-token", size: phone, ready: "[data-state=expired]" },
    "claim-unknown-en": {
        path: "/c/nothing",
        size: phone,
        ready: "[data-state=unknown]",
        act: steps(press_language),
    },
};

function press_language(page) {
    return page.click('[data-action="language"]');
}

/** On a kiosk nothing may be cut off or too small to hit. */
function measure() {
    const found = [];
    const kiosk = document.querySelector(".kiosk");
    const seen = (element) => {
        const box = element.getBoundingClientRect();
        return box.width > 0 && box.height > 0 && !element.closest(".leaving, [inert]") && box;
    };
    for (const element of document.querySelectorAll("button, h1, h2, p, li, .price")) {
        const box = seen(element);
        if (!box) continue;
        const name = `${element.tagName}.${element.className} "${element.textContent.slice(0, 30)}"`;
        if (
            kiosk &&
            (box.right > innerWidth + 4 ||
                box.left < -4 ||
                box.bottom > innerHeight + 4 ||
                box.top < -4)
        )
            found.push(`outside the screen: ${name}`);
        if (
            kiosk &&
            element.scrollHeight > element.clientHeight + 6 &&
            element.tagName === "BUTTON" &&
            !element.matches(".offer-open")
        )
            found.push(`cut off: ${name}`);
        if (
            kiosk &&
            element.tagName === "BUTTON" &&
            !element.matches(".offer-open") &&
            (box.width < 87.5 || box.height < 87.5)
        )
            found.push(`small target ${Math.round(box.width)}×${Math.round(box.height)}: ${name}`);
    }
    if (kiosk)
        for (const element of document.querySelectorAll(
            ".offer-words, .hero-words, .detail-words, .why-card, .code-card, .ask-card, .layer, .detail, .slate, .stage",
        ))
            if (
                seen(element) &&
                (element.scrollHeight > element.clientHeight + 6 ||
                    element.scrollWidth > element.clientWidth + 6)
            )
                found.push(
                    `overflows by ${element.scrollHeight - element.clientHeight}×${element.scrollWidth - element.clientWidth}: ${element.className}`,
                );
    return found;
}

async function take(browser, name, shot) {
    const mock = new Mock();
    const url = await mock.start();
    if (shot.scene && !shot.silent) mock.show("entree", shot.scene);
    mock.silent = shot.silent ?? false;
    const context = await browser.newContext({
        viewport: shot.size,
        deviceScaleFactor: shot.path === "/kiosk/entree" ? scale : Math.min(1, scale * 1.5),
        locale: "fr-FR",
        timezoneId: "Europe/Paris",
    });
    const page = await context.newPage();
    page.setDefaultTimeout(6000);
    const problems = [];
    page.on("console", (message) => {
        if (message.text().includes("Content Security Policy")) problems.push(message.text());
    });
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("request", (request) => {
        if (!request.url().startsWith(url)) problems.push(`another origin: ${request.url()}`);
    });
    await page.goto(url + shot.path);
    await page.waitForSelector(shot.ready, { timeout: 8000 });
    await page.evaluate(() => document.fonts.ready);
    await page.waitForTimeout(600);
    await shot.act?.(page, mock);
    await page.waitForTimeout(600);
    await page.screenshot({
        path: unkept.has(name) && !process.env.SHOTS ? undefined : `${out}${name}.png`,
        fullPage: shot.full ?? false,
    });
    const axe = await new AxeBuilder({ page })
        .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
        .analyze();
    for (const one of axe.violations)
        problems.push(
            `axe ${one.id}: ${one.help}: ${one.nodes
                .map((node) => node.target)
                .slice(0, 3)
                .join(" | ")}`,
        );
    problems.push(...(await page.evaluate(measure)));
    await context.close();
    await mock.stop();
    return problems;
}

await mkdir(out, { recursive: true });
const browser = await launch();
let failed = 0;
for (const [name, shot] of Object.entries(shots)) {
    if (wanted.length > 0 && !wanted.some((part) => name.includes(part))) continue;
    let problems;
    try {
        problems = await take(browser, name, shot);
    } catch (error) {
        problems = [String(error).slice(0, 300)];
    }
    if (problems.length > 0) failed++;
    console.log(
        problems.length === 0 ? `ok ${name}` : `NOT ok ${name}\n   ${problems.join("\n   ")}`,
    );
}
await browser.close();
process.exit(failed > 0 ? 1 : 0);
