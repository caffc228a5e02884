// A member identifies themselves at a kiosk by its code, sees more, and pauses: at once, and merged at the centre.

import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";

import { answerTo, checkIn, post, readChallenge } from "../../demo/phone.mjs";
import { until } from "../../demo/processes.mjs";
import { allSent, expectNothingLost, memberOf, recordsOf } from "./centre.mjs";
import { expect, expectEqual } from "./expect.mjs";
import { KioskPage } from "./kiosk_page.mjs";
import { PHONE } from "./stage.mjs";
import { TlsFront } from "./tls_front.mjs";

const PERSONAL = ["your_favourite", "you_often_buy", "running_out", "goes_with", "in_your_basket", "campaign"];
const toldInFull = (screen) => screen.cards.flatMap((card) => card.why).some((why) => PERSONAL.includes(why.code) && why.category.fr !== "");

/** Has the kiosk show a code, and reads it as a camera does. */
async function code(kiosk) {
  await kiosk.press("identify");
  await kiosk.stage_is("identify");
  const url = await kiosk.readCode();
  expect(/^http:\/\/127\.0\.0\.1:\d+\/i\/[\w-]{24,}$/.test(url), `the code leads to a check-in at this agent, not to ${url}`);
  return url;
}

/** `vitrinectl phone` answers a code by HTTPS; what it says. */
function phoneByTls(shop, keyFile, url, ca) {
  const words = ["phone", "check-in", "--key-file", keyFile, "--url", url, "--ca", ca];
  return new Promise((resolve) => execFile(path.join(shop.bin, "vitrinectl"), words, (_, out, err) => resolve(`${out}${err}`)));
}

async function refusedTouch(shop, kiosk, kind) {
  const response = await fetch(shop.agentUrl(`/api/v1/kiosks/${kiosk.id}/touches`), {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Vitrine": "1" },
    body: JSON.stringify({ decision: kiosk.watch.screen.decision, kind, offer: 0 }),
  });
  return response.status;
}

export default {
  name: "check-in",
  limit: 300,
  async run(stage) {
    const shop = stage.shop();
    await shop.start();
    const ana = memberOf(shop, "Ana");
    const kiosk = await KioskPage.open(stage, shop, "kiosk-1");
    await kiosk.mode("ambient");

    stage.doing = "decisions are asked for without a check-in";
    for (const kind of ["pause", "resume", "forget", "depersonalise"]) {
      expectEqual(await refusedTouch(shop, kiosk, kind), 403, `the status of ${kind} on a screen where nobody checked in`);
    }

    const wrong = await code(kiosk);
    expectEqual(await checkIn(wrong, "00".repeat(16)), "refused", "the outcome of a stranger's key");
    await until("the used code gone from the screen", () => kiosk.watch.screen.check_in === null);
    expectEqual(await checkIn(wrong, ana.identity_key), "over", "the outcome of a good answer to a used challenge");
    expectEqual(await post(wrong, "AQID"), "malformed", "the outcome of what is no check-in");
    expectEqual(kiosk.watch.screen.verified, null, "who is verified so far");

    stage.doing = "check-ins that are no check-ins";
    const raw = (body, type = "application/json") => fetch(shop.agentUrl("/api/v1/check-in"), { method: "POST", headers: { "Content-Type": type, Origin: "https://elsewhere.example" }, body });
    const answers = [await raw("{}", "text/plain"), await raw("x".repeat(2000)), await raw("{}"), await raw('{"check_in":"AQID","kiosk":"kiosk-1"}')];
    expectEqual(answers.map((each) => each.status), [415, 413, 400, 400], "the statuses of malformed requests");
    expectEqual(answers.filter((each) => each.headers.has("access-control-allow-origin")).length, 0, "answers that another page may read");

    // Without the app: the address is a page that says what to do.
    const url = await code(kiosk);
    const phone = await stage.page({ size: PHONE, touch: true });
    await phone.goto(url);
    expect((await phone.locator("h1").innerText()).includes("S’identifier"), "a phone without the app is told what to do");
    await stage.shot(phone, "phone-without-app");

    // No advert of hers is heard: the check-in alone says that she stands there.
    const answer = answerTo(readChallenge(url), Buffer.from(ana.identity_key, "hex"));
    expectEqual(await post(url, answer), "welcome", "the outcome of Ana's check-in");
    await kiosk.mode("tailored", 2_000);
    await until("the screen verified", () => kiosk.watch.screen.verified?.recognise === true);
    await kiosk.page.locator('.kiosk[data-verified="true"]').waitFor();
    expectEqual(await post(url, answer), "over", "the outcome of the same answer again");
    await kiosk.look("verified");
    expect(toldInFull(kiosk.watch.screen), "a personal reason is told in full");
    const told = kiosk.watch.screen.cards.find((card) => card.why.some((why) => PERSONAL.includes(why.code)));
    await kiosk.press("why", told.offer);
    await kiosk.stage_is("why");
    expectEqual(await kiosk.page.locator('.layer:not(.leaving) [data-action="identify"]').count(), 0, "offers to check in once more");
    await kiosk.look("why-in-full");
    await kiosk.press("close");

    await kiosk.press("choices");
    await kiosk.stage_is("choices");
    await kiosk.look("choices");
    const before = Date.now();
    await kiosk.press("pause");
    await kiosk.mode("ambient", 2_000);
    const took = Date.now() - before;
    expect(took < 1_500, `the screen is everyone's again within a second or so, not after ${took} ms`);
    stage.say(`pause shown after ${took} ms`);
    await kiosk.look("paused");
    expectEqual(kiosk.watch.screen.verified, null, "who is verified after the pause");
    expectEqual(await refusedTouch(shop, kiosk, "forget"), 403, "the status of forget after the check-in ended");

    await until("the pause merged at the centre", () => recordsOf(shop, "consent.changed").length > 0, { within: 60_000 });
    await allSent(shop);
    const [event, ...others] = recordsOf(shop, "consent.changed");
    expectEqual(others, [], "other decisions");
    expectEqual(
      { subject: event.mergedUnder, purpose: event.data.purpose, decision: event.data.decision, channel: event.data.channel, notice: event.data.notice.id, language: event.data.notice.language },
      { subject: ana.member, purpose: "recognise", decision: "paused", channel: "kiosk", notice: "kiosk-pause", language: "fr" },
      "the decision at the centre",
    );

    // She is not recognised now, and may take it back by another check-in.
    await shop.steer("Ana", "kiosk-1");
    await until("Ana at the kiosk", async () => (await shop.shoppers()).some((each) => each.label === "Ana" && each.place === "kiosk-1" && !each.walking), { within: 60_000 });
    stage.doing = "a check-in by HTTPS";
    const keyFile = path.join(stage.dir, "ana.key");
    writeFileSync(keyFile, `${ana.identity_key}\n`, { mode: 0o600 });
    const front = await TlsFront.open(stage.dir, new URL(shop.agentUrl()).port);
    const secret = front.url(await code(kiosk));
    const foreign = await phoneByTls(shop, keyFile, secret, front.foreignCa);
    expect(foreign.includes("certificate"), `a server of an authority that is not trusted gets no answer: ${foreign}`);
    const welcome = await phoneByTls(shop, keyFile, secret, front.ca);
    expect(welcome.includes("welcome"), `the outcome of a check-in during the pause, by HTTPS: ${welcome}`);
    front.close();
    await until("the pause shown", () => kiosk.watch.screen.verified?.paused === true);
    await kiosk.press("choices");
    await kiosk.stage_is("choices");
    await kiosk.press("resume");
    await until("the pause taken back", () => kiosk.watch.screen.verified?.recognise === true);
    await kiosk.press("leave");
    await until("the check-in ended", () => kiosk.watch.screen.verified === null);
    await until("both decisions merged", () => recordsOf(shop, "consent.changed").length === 2, { within: 60_000 });
    await allSent(shop);
    expectNothingLost(shop);
    kiosk.expectQuiet();
  },
};
