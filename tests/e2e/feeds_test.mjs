// What a chain's other systems bring: files of products, members, purchases and offers at the centre, receipts of a till in the shop,
// and an erasure. Nothing is restarted for any of it.

import { execFileSync } from "node:child_process";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { touch } from "../../demo/check.mjs";
import { checkIn } from "../../demo/phone.mjs";
import { until } from "../../demo/processes.mjs";
import { PASSWORD } from "../../demo/shop.mjs";
import { allSent, expectNothingLost, metric, recordsNaming, recordsOf } from "./centre.mjs";
import { expect, expectEqual } from "./expect.mjs";
import { FeedFile, vitrinectl } from "./feed_files.mjs";
import { KioskPage } from "./kiosk_page.mjs";
import { logIn } from "./staff_test.mjs";
import { DESK } from "./stage.mjs";
import { Till } from "./till.mjs";
import { filesBelow, Traces } from "./traces.mjs";

const DAY = 86_400_000;
const DAIRY = 22;
const date = (daysAgo) => new Date(Date.now() - daysAgo * DAY).toISOString().slice(0, 10);

/** A customer with a phone whom nobody has enrolled yet. */
const NORA = {
  member: "00000000f00d0001",
  identity_key: "6e6f7261206e6f72612c206e6f726121",
  level: "full",
  language: "fr",
  ...Object.fromEntries(["recognise", "personalise", "staff_view", "measure", "context"].map((purpose) => [purpose, "oui"])),
  favourites: "31 22",
  calls_me: "Madame Feuillâtre",
  wishes: "Sans noix ; « vraiment », dit-elle",
};
const PAUL = { member: "00000000f00d0002", identity_key: "7061756c207061756c2c207061756c21", level: "none", language: "en" };

// Files.

/** All that the shop's offers are of, and some rows that cannot be. */
function products(shop) {
  const file = new FeedFile(shop, "products", "produits.csv", ["article", "category_id", "nom", "ean", "price_cents"]);
  for (const offer of shop.catalogue.offers) file.add({ article: offer.products[0], category_id: offer.category, nom: offer.title.fr, price_cents: offer.price_cents });
  const cocoa = { article: 60_001, category_id: 46, nom: "Cacao en poudre ; 250 g", ean: "3017620422003", price_cents: 419 };
  return file
    .add(cocoa)
    .add(cocoa)
    .add({ ...cocoa, article: 60_002, ean: "3017620422004" }, { wrong: "gtin: is no GTIN: its check digit is wrong", mended: { ean: "3017620422003" } })
    .add({ ...cocoa, article: 60_003, nom: "" }, { wrong: "name_fr: is missing", mended: { nom: "Cacao maigre" } })
    .add({ ...cocoa, article: 60_004, category_id: 999 })
    .write();
}

function members(shop) {
  const columns = ["member_id", "identity_key", "level", "language", "recognise", "personalise", "staff_view", "measure", "context", "favourites", "calls_me", "wishes"];
  return new FeedFile(shop, "members", "membres.csv", columns, { between: "," })
    .add({ ...NORA, member_id: NORA.member })
    .add({ ...PAUL, member_id: PAUL.member })
    .add({ ...PAUL, member_id: "00000000f00d0003", level: "gold" }, { wrong: "level: expected none, basic or full", mended: { level: "none" } })
    .add({ ...PAUL, member_id: "Paul" }, { wrong: "member: expected 16 hexadecimal digits", mended: { member_id: PAUL.member } })
    .add({ ...PAUL, member_id: "0000000000000000" }, { wrong: "member: 0 is nobody", mended: { member_id: "00000000f00d0004" } })
    .write();
}

/** Milk and eggs each week until nine days ago, as the chain's other system knows it. */
function purchases(shop) {
  const file = new FeedFile(shop, "purchases", "ventes.csv.gz", ["member", "date", "article", "category_id", "qty", "amount_cents"]);
  const dairy = shop.catalogue.offers.find((offer) => offer.category === DAIRY);
  const row = { member: NORA.member, article: dairy.products[0], qty: 1, amount_cents: dairy.price_cents };
  for (let ago = 9; ago < 120; ago += 7) file.add({ ...row, date: date(ago) });
  return file
    .add({ ...row, date: date(9) })
    .add({ ...row, date: date(16), qty: 300 })
    .add({ ...row, date: date(-3) }, { wrong: "day: is in the future", mended: { date: date(23) } })
    .add({ ...row, date: "2026-02-30" }, { wrong: "day: expected a date such as 2026-11-22", mended: { date: date(30) } })
    .add({ ...row, date: date(9), qty: 0 }, { wrong: "quantity: expected a whole number from 1 to 10000", mended: { qty: 1 } })
    .add({ ...row, date: date(9), article: 77_777 }, { wrong: "product: is not among the products, and no category is given", mended: { category_id: DAIRY } })
    .add({ ...row, date: date(9), member: "00000000f00dffff" }, { wrong: "no member 00000000f00dffff", mended: { member: PAUL.member } })
    .add({ ...row, date: date(4 * 365) })
    .write();
}

/** A file as it comes, once more, and what was refused of it, mended. `found`: what has to be told of its rows. */
async function take(stage, file, found) {
  stage.doing = `${file.kind} come as a file`;
  const said = await file.import();
  for (const finding of found) expect(finding.test(said.out), `${finding} is told of ${path.basename(file.at)}: ${said.out}`);
  const again = await vitrinectl(file.shop, "import", file.kind, file.at, "--resume");
  expect(again.out.startsWith(`${file.at}: is all in already; nothing was done`), `a finished file is not taken again: ${again.out}`);
  await file.mended().import();
}

async function takeOffers(stage, shop, kiosk) {
  stage.doing = "a campaign comes as a file";
  const file = shop.path("campagne.csv");
  const row = (id, title, until) => `${id};${DAIRY};${title};price;499;${date(1)}T00:00:00Z;${until}T00:00:00Z`;
  const head = "id;category;title_fr;value_kind;price_cents;valid_from;valid_until";
  const epoch = await bundleEpoch(shop, "catalogue");
  writeFileSync(file, `${[head, row(2001, "Crème crue", date(-9)), row(2002, "Faisselle", date(2))].join("\n")}\n`);
  const refused = await vitrinectl(shop, "import", "offers", file);
  expectEqual(refused.code, 1, `the exit code of a campaign with a mistake: ${refused.out}${refused.err}`);
  expect(refused.err.includes(`${file}:3: valid_until: `), `the mistake is named by file, line and field: ${refused.err}`);
  writeFileSync(file, `${[head, row(2001, "Crème crue", date(-9)), row(2002, "Faisselle", date(-9))].join("\n")}\n`);
  const taken = await vitrinectl(shop, "import", "offers", file);
  expectEqual(taken.code, 0, `the exit code of the mended campaign: ${taken.err}`);
  await until("the campaign on the screen", () => kiosk.watch.screen.cards.length > 0 && kiosk.watch.screen.cards.every((card) => card.offer >= 2001));
  expect((await bundleEpoch(shop, "catalogue")) > epoch, "the campaign came as a new catalogue");
}

// The shop.

const bundleEpoch = (shop, kind) => metric(shop, `vitrine_bundle_epoch{kind="${kind}"}`);
const newerBundle = (shop, kind, epoch) => until(`newer ${kind} in the shop`, async () => (await bundleEpoch(shop, kind)) > epoch);

/** What was chosen for Nora at a kiosk, as the centre has it. */
async function chosenAt(shop, kiosk) {
  const chosen = () => recordsOf(shop, "promotion.viewed").filter((each) => each.subject === NORA.member && each.kiosk === kiosk.id);
  await until(`what was chosen at ${kiosk.id} at the centre`, () => chosen().some((each) => each.data.decision_id === kiosk.watch.screen.decision));
  return chosen().find((each) => each.data.decision_id === kiosk.watch.screen.decision).data;
}

const isStanding = (place) => (each) => each.label === "Nora" && each.place === place && !each.walking;

/** Nora's phone answers a kiosk's code; the outcome. */
async function phoneAnswers(kiosk) {
  await kiosk.press("identify");
  await kiosk.stage_is("identify");
  return checkIn(await kiosk.readCode(), NORA.identity_key);
}

/** Saves an offer at a kiosk and takes it along; what the till is told. */
async function claimCode(shop, kiosk, offer) {
  await touch(shop, kiosk.id, kiosk.watch.screen, "save", offer);
  const { url } = await until("a code to take the offer along", () => kiosk.watch.screen.claim);
  const token = new URL(url).pathname.split("/").at(-1);
  const response = await fetch(shop.agentUrl(`/api/v1/claims/${token}`), { method: "POST", headers: { "Content-Type": "application/json", "X-Vitrine": "1" }, body: "{}" });
  return (await response.json()).code;
}

/** A line of a receipt with what this offer is of. */
function lineOf(shop, id, quantity = 1) {
  const offer = shop.catalogue.offers.find((each) => each.id === id);
  return { product_id: offer.products[0], category_id: offer.category, quantity, cents: quantity * (offer.price_cents ?? 100) };
}

/** What no till should send. Each is refused and counted, and the next good receipt is taken. */
async function tellNonsense(stage, shop) {
  stage.doing = "a till tells nonsense";
  const till = new Till(shop, "caisse-9");
  const line = lineOf(shop, 1009);
  const wrong = (change) => change(structuredClone(till.receipt({ lines: [line] })));
  // The log tells of the first few; the counter of all.
  const nonsense = [
    wrong((one) => ({ ...one, data: { ...one.data, lines: [{ ...line, quantity: -1 }] } })),
    wrong((one) => ({ ...one, data: { ...one.data, order_id: "'; DROP TABLE events" } })),
    JSON.stringify(till.receipt({ member: NORA.member, lines: [line] })).split(NORA.member)[0] + NORA.member,
    Buffer.from([0xff, 0x00, 0xfe, 0x7b]),
    "[".repeat(5000),
    wrong((one) => ({ ...one, type: "vitrine.order.completed.v9" })),
    wrong((one) => ({ ...one, time: "yesterday" })),
    wrong((one) => ({ ...one, subject: "Nora" })),
    wrong((one) => ({ ...one, data: { ...one.data, lines: [] } })),
    wrong((one) => ({ ...one, data: { ...one.data, lines: Array.from({ length: 501 }, (_, i) => ({ ...line, product_id: i + 1 })) } })),
    wrong((one) => ({ ...one, id: "x".repeat(200_000) })),
  ];
  const refused = await metric(shop, "vitrine_messages_refused_total");
  for (const each of nonsense) await till.tell(each);
  await till.tell(till.receipt({ lines: [line] }), "vitrine/v1/halle/lyon/till/Not a till");
  // So large that the broker keeps it from the agent, which says how much it takes.
  await till.tell(wrong((one) => ({ ...one, id: "x".repeat(2_000_000) })));
  await until("nonsense counted", async () => (await metric(shop, "vitrine_messages_refused_total")) === refused + nonsense.length + 1);
  const log = () => readFileSync(shop.agent.log, "utf8");
  await until("five of them in the agent's log", () => log().split("receipt cannot be read").length === 6);
  for (const reason of ["data.lines[0].quantity: ", "data.order_id: ", "missing closing quote", "nested deeper than 5"]) expect(log().includes(reason), `the agent's log says '${reason}'`);
  for (const never of [NORA.member, "DROP TABLE", "\ufffd"]) expect(!log().includes(never), `the agent's log does not hold '${never}'`);
  expectEqual(await metric(shop, "vitrine_receipts_total"), 0, "receipts taken so far");
  expectEqual(log().split("centre out of reach:").length - 1, 0, "connections lost over it");
  await until("the largest kept away by the broker", () => readFileSync(shop.broker.log, "utf8").includes("too large"));
  stage.say(`${nonsense.length + 2} messages that are no receipts: ${nonsense.length + 1} refused and counted, one kept away by the broker`);
}

/** Nora buys what was offered; somebody else uses what she took along. Returns her receipt. */
async function buy(stage, shop, bought, code, other) {
  stage.doing = "a till tells";
  const till = new Till(shop, "caisse-1");
  const hers = till.receipt({ member: NORA.member, lines: [lineOf(shop, bought), lineOf(shop, bought, 2)], promotions: [{ promotion_id: bought }] });
  await till.tell(hers);
  await till.tell(hers);
  await till.tell(till.receipt({ lines: [lineOf(shop, other)], promotions: [{ claim_code: code }] }));
  await until("both receipts taken", async () => (await metric(shop, "vitrine_receipts_total")) === 2);
  expectEqual(await metric(shop, "vitrine_receipts_repeated_total"), 1, "receipts that came again");
  await until("receipts merged", () => recordsOf(shop, "coupon.redeemed").length >= 2);
  await allSent(shop);
  const order = (each) => [each.data.order_id, each.subject, each.data.lines.map((line) => line.quantity), each.kiosk];
  expectEqual(recordsOf(shop, "order.completed").map(order), [[hers.data.order_id, NORA.member, [3], till.name], [`lyon/${till.name}/2`, undefined, [1], till.name]], "orders at the centre");
  const coupon = (each) => [each.data.order_id, each.data.promotion_id, each.subject];
  expectEqual(recordsOf(shop, "coupon.redeemed").map(coupon), [[hers.data.order_id, bought, NORA.member], [`lyon/${till.name}/2`, other, undefined]], "redemptions at the centre");
  return hers;
}

/** The night's file repeats the receipt, and knows a product that the till did not tell. */
async function takeNightlyFile(shop, receipt) {
  const [line] = receipt.data.lines;
  const row = { member: NORA.member, day: receipt.time.slice(0, 10), order: receipt.data.order_id };
  await new FeedFile(shop, "purchases", "nuit.csv", ["member", "day", "product", "category", "quantity", "cents", "order"])
    .add({ ...row, product: line.product_id, category: line.category_id, quantity: 3, cents: 3 * line.cents })
    .add({ ...row, product: 60_001, quantity: 1, cents: 419 })
    .write()
    .import();
  const lines = shop.query(`SELECT product, quantity, cents FROM order_lines WHERE order_id = '${receipt.data.order_id}' ORDER BY product`);
  expectEqual(lines, [{ product: line.product_id, quantity: 3, cents: 3 * line.cents }, { product: 60_001, quantity: 1, cents: 419 }], "the receipt that both told of");
}

// Head office.

async function openConsole(stage, shop) {
  const page = await stage.page({ size: DESK });
  await page.goto(shop.centralUrl("/console"));
  await logIn(page, "marie", PASSWORD);
  await page.locator("dl.figures").waitFor();
  return page;
}

async function expectFigures(page, wanted) {
  const figures = () => page.locator("dl.figures .figure").evaluateAll((all) => Object.fromEntries(all.map((each) => [each.querySelector("dt").textContent, Number(each.querySelector("dd").textContent)])));
  for (const [name, value] of Object.entries(wanted)) await until(`'${name}' at ${value} on the console`, async () => (await figures())[name] === value);
}

async function expectFindings(stage, page, kiosk) {
  stage.doing = "the console tells of the files";
  const section = page.locator('section[data-section="quality"]');
  for (const [file, said] of [
    ["produits.csv", ["2 refusées", "clé est fausse", "figure déjà plus haut, à l’identique", "ligne 76"]],
    ["membres.csv", ["3 refusées", "ne se lit pas", "0 n’est personne"]],
    ["ventes.csv.gz", ["5 refusées", "est dans le futur", "membre inconnu", "remonte à plus de 3 ans", "dépasse 200", "Jamais donné"]],
    ["ventes.refused.csv", ["tout est pris"]],
  ]) {
    const row = section.locator(`tr[data-import="${file}"]`);
    await row.waitFor();
    const text = (await row.innerText()).replaceAll("\u00a0", " ");
    for (const each of said) expect(text.includes(each), `the console says '${each}' of ${file}: ${text}`);
  }
  kiosk.expectNobodyNamed("the console", await page.evaluate(() => document.documentElement.outerHTML));
  await section.scrollIntoViewIfNeeded();
  await section.evaluate((one) => one.scrollIntoView({ block: "start" }));
  await stage.shot(page, "data-quality");
}

// Forgetting.

/** At the centre at once, in the shop by its own bundle; nobody can bring her back by a file. */
async function erase(stage, shop, kiosk, other) {
  stage.doing = "Nora is erased";
  const [erasures, profiles] = [await bundleEpoch(shop, "erasures"), await bundleEpoch(shop, "profiles")];
  const said = await vitrinectl(shop, "erase", NORA.member);
  expectEqual([said.code, said.out], [0, `${NORA.member}: erased\n`], "what the erasure says");
  expectEqual(recordsNaming(shop, NORA.member), 0, "records at the centre that name her");
  for (const each of [kiosk, other]) await each.mode("ambient", 15_000);
  await newerBundle(shop, "erasures", erasures);
  expectEqual(await metric(shop, "vitrine_members_present"), 0, "members present after the erasure");
  await newerBundle(shop, "profiles", profiles);
  expectEqual(await phoneAnswers(kiosk), "refused", "the outcome of her phone's check-in, once she is erased");

  stage.doing = "files and a till bring her once more";
  const columns = ["member", "identity_key", "level", "language", "calls_me"];
  await new FeedFile(shop, "members", "membres-2.csv", columns).add(PAUL).add(NORA, { wrong: `member ${NORA.member} was erased` }).write().import();
  const sold = { day: date(1), product: 60_001 };
  await new FeedFile(shop, "purchases", "ventes-2.csv", ["member", "day", "product"])
    .add({ ...sold, member: PAUL.member })
    .add({ ...sold, member: NORA.member }, { wrong: `no member ${NORA.member}` })
    .write()
    .import();
  const till = new Till(shop, "caisse-2");
  await till.tell(till.receipt({ member: NORA.member, lines: [lineOf(shop, 1009)] }));
  const soldTo = () => shop.query("SELECT member, event FROM events WHERE event LIKE '%lyon/caisse-2/1%'").map((each) => [each.member, JSON.parse(each.event).subject]);
  await until("her receipt merged", () => soldTo().length > 0);
  expectEqual(soldTo(), [[0, undefined]], "whose receipt it is");
  await allSent(shop);
  expectEqual(recordsNaming(shop, NORA.member), 0, "records that name her after all");
}

/** Once the programs have ended, no file of theirs holds what only she brought; but for bundles that shops may still go on from, which are
 * renewed within a day (Publisher.WhoWasErasedIsInNothingRetainedADayLater). */
async function expectForgotten(stage, shop) {
  stage.doing = "looking for what is left of her";
  await shop.agent.stop();
  await shop.central.stop();
  execFileSync("sqlite3", [shop.path("central", "central.db"), "PRAGMA secure_delete=ON; DELETE FROM bundle_chunks; PRAGMA wal_checkpoint(TRUNCATE)"]);
  const traces = new Traces([Buffer.from(NORA.identity_key, "hex"), Buffer.from(NORA.calls_me), Buffer.from(NORA.wishes)]);
  const files = ["agent", "central", "log"].flatMap((folder) => filesBelow(shop.path(folder)));
  for (const file of files) traces.expectNoneIn(file);
}

export default {
  name: "feeds",
  limit: 120,
  async run(stage) {
    const shop = stage.shop();
    shop.data.members.push(NORA);
    appendFileSync(shop.path("shoppers.jsonl"), `${JSON.stringify({ phone: "Nora", key: NORA.identity_key })}\n`);
    await shop.start();
    const kiosk = await KioskPage.open(stage, shop, "kiosk-1");
    const other = await KioskPage.open(stage, shop, "kiosk-2");
    await kiosk.mode("ambient");
    await shop.steer("Nora", kiosk.id);
    await take(stage, products(shop), [/duplicate +1 +taken/, /impossible +1 +refused +gtin/, /missing +1 +refused +name_fr/, /unknown +1 +taken +category/]);
    await until("Nora stands at the kiosk", async () => (await shop.shoppers()).some(isStanding(kiosk.id)), { within: 30_000 });
    expectEqual(await metric(shop, "vitrine_members_present"), 0, "members present before anybody is enrolled");
    expectEqual(kiosk.watch.screen.mode, "ambient", "what the screen shows a stranger");

    await take(stage, members(shop), [/malformed +1 +refused +level/, /impossible +1 +refused +member 0 is nobody/]);
    await kiosk.mode("tailored", 20_000);
    const profiles = await bundleEpoch(shop, "profiles");
    await take(stage, purchases(shop), [/impossible +1 +refused +day is in the future/, /malformed +1 +refused +day/, /stale +1 +taken/, /unusual +1 +taken +quantity/, /duplicate +1 +taken .*another content/]);
    await newerBundle(shop, "profiles", profiles);

    await shop.steer("Nora", other.id);
    await tellNonsense(stage, shop);
    await other.mode("tailored");
    const offered = await chosenAt(shop, other);
    const reasons = offered.promotions.flatMap((each) => each.reasons ?? []);
    expect(reasons.some((each) => each.code === "you_often_buy" && each.category_id === DAIRY), `an offer is there because of the file: ${JSON.stringify(reasons)}`);
    const [bought, saved] = offered.promotions.map((each) => each.promotion_id);
    const receipt = await buy(stage, shop, bought, await claimCode(shop, other, saved), saved);
    await takeNightlyFile(shop, receipt);
    const desk = await openConsole(stage, shop);
    await expectFigures(desk, { "Tickets de caisse": 2, Utilisations: 2, Emportées: 1 });
    await expectFindings(stage, desk, kiosk);

    expectEqual(await phoneAnswers(kiosk), "welcome", "the outcome of her phone's check-in");
    await kiosk.mode("tailored", 10_000);
    const next = await chosenAt(shop, kiosk);
    const category = lineOf(shop, bought).category_id;
    expectEqual(next.promotions.filter((each) => lineOf(shop, each.promotion_id).category_id === category), [], `offers of category ${category}, of which she has just bought`);
    expectEqual([offered.removals.just_bought ?? 0, next.removals.just_bought > 0], [0, true], "offers kept off because she has just bought such a thing");
    stage.say(`offer ${bought} was bought: ${next.removals.just_bought} of its category are kept off`);

    await erase(stage, shop, kiosk, other);
    await takeOffers(stage, shop, other);
    expectNothingLost(shop);
    for (const each of [kiosk, other]) each.expectQuiet();
    await expectForgotten(stage, shop);
  },
};
