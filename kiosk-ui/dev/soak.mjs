/**
 * Sends a kiosk page 10,000 frames of all kinds and weighs its heap before and after (REQUIREMENTS
 * K7: at most 10 % more). `npm run soak`
 */

import { launch } from "./browser.mjs";
import { scenes } from "./fixtures.mjs";
import { Mock } from "./mock.mjs";

const kWarm = 2_000;
const kEvents = 10_000;
const kinds = ["ambient", "tailored", "group", "conflict", "conditions", "two", "verified"];

const mock = new Mock();
const url = await mock.start();
const browser = await launch();
const page = await browser.newPage({ viewport: { width: 1080, height: 1920 } });
const devtools = await page.context().newCDPSession(page);
await page.goto(`${url}/kiosk/entree`);
await page.waitForSelector(".stage .layer");

async function send(count) {
    let last = 0;
    for (let i = 0; i < count; i++) {
        last = mock.show("entree", scenes[kinds[i % kinds.length]]("entree")).revision;
        // As fast as the page keeps up: wait for it every few frames.
        if (i % 25 === 24)
            await page.waitForSelector(`.kiosk[data-revision="${last}"]`, { timeout: 20_000 });
    }
    await page.waitForTimeout(1_000);
}

async function weigh() {
    for (let i = 0; i < 3; i++) await devtools.send("HeapProfiler.collectGarbage");
    return (await devtools.send("Runtime.getHeapUsage")).usedSize;
}

await send(kWarm);
const before = await weigh();
await send(kEvents);
const after = await weigh();
const growth = (after - before) / before;
console.log(
    JSON.stringify({
        events: kEvents,
        heap_before_bytes: before,
        heap_after_bytes: after,
        growth: Number(growth.toFixed(4)),
    }),
);
await browser.close();
await mock.stop();
process.exit(growth <= 0.1 ? 0 : 1);
