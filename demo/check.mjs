// The main job once from end to end, without a browser: what ./vitrine demo --check does.

import { PASSWORD } from "./shop.mjs";
import { until } from "./processes.mjs";

/** The newest screen of a kiosk, read from its event stream. */
export async function watchScreen(shop, kiosk) {
  const control = new AbortController();
  const response = await fetch(shop.agentUrl(`/events/kiosk/${kiosk}`), { signal: control.signal });
  if (!response.ok) throw new Error(`the stream of ${kiosk} answered ${response.status}`);
  const watch = { screen: undefined, close: () => control.abort() };
  (async () => {
    let text = "";
    const decoder = new TextDecoder();
    for await (const part of response.body) {
      text += decoder.decode(part, { stream: true });
      for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
        const event = text.slice(0, end);
        text = text.slice(end + 2);
        const data = event.split("\n").find((line) => line.startsWith("data:"));
        if (data && event.includes("event: screen")) watch.screen = JSON.parse(data.slice(5));
      }
    }
  })().catch(() => {});
  return watch;
}

export async function touch(shop, kiosk, screen, kind, offer) {
  const response = await fetch(shop.agentUrl(`/api/v1/kiosks/${kiosk}/touches`), {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Vitrine": "1" },
    body: JSON.stringify({ decision: screen.decision, kind, ...(offer ? { offer } : {}) }),
  });
  if (!response.ok) throw new Error(`the touch '${kind}' was answered with ${response.status}: ${await response.text()}`);
}

async function logIn(url, prefix) {
  const response = await fetch(`${url}${prefix}/login`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Vitrine": "1" },
    body: JSON.stringify({ user: "marie", password: PASSWORD }),
  });
  if (!response.ok) throw new Error(`the login was answered with ${response.status}`);
  return response.headers.get("set-cookie").split(";")[0];
}

export async function check(shop) {
  const seen = (what) => console.log(`  ok  ${what}`);
  const kiosk = "kiosk-2";
  const watch = await watchScreen(shop, kiosk);
  const ambient = await until("a catalogue from the centre on the screen", () => watch.screen?.cards.length > 0 && watch.screen);
  seen(`kiosk 2 plays the ambient loop: ${ambient.cards.length} offers, "${ambient.cards[0].title.fr}" first`);

  await shop.steer("Ana", kiosk);
  const tailored = await until("Ana recognised at kiosk 2", () => watch.screen?.mode === "tailored" && watch.screen, { within: 60_000 });
  seen(`Ana walked there: ${tailored.cards.map((card) => card.title.fr).join(" · ")}`);
  if (tailored.cards.length > 3) throw new Error("more than three tailored offers");

  const offer = tailored.cards[0].offer;
  await touch(shop, kiosk, tailored, "open", offer);
  await touch(shop, kiosk, tailored, "save", offer);
  const claim = await until("a code to take the offer along", () => watch.screen?.claim);
  seen(`she opened and saved "${tailored.cards[0].title.fr}": ${claim.url}`);

  const cookie = await logIn(shop.agentUrl(), "/api/v1/staff");
  const board = await (await fetch(shop.agentUrl("/api/v1/staff/members"), { headers: { Cookie: cookie } })).json();
  if (board.members.length !== 1) throw new Error(`staff see ${board.members.length} members instead of one`);
  seen(`staff see her, because she allows it: ${board.members[0].calls_me}, ${board.members[0].wishes}`);

  const clicked = () => shop.query("SELECT * FROM events WHERE type = 'vitrine.promotion.clicked.v1'");
  await until("the tap merged at the centre", () => clicked().length === 1);
  seen("the centre merged exactly one click");

  const modelEpoch = () => shop.query("SELECT max(epoch) AS epoch FROM bundles WHERE kind = 5")[0].epoch;
  await until("a model that learned from it", () => modelEpoch() > 1, { within: 60_000 });
  await until("the new model in the shop", async () => {
    const health = shop.query("SELECT event FROM health ORDER BY hlc DESC LIMIT 1")[0];
    return health && JSON.parse(health.event).data.epochs.model > 1;
  }, { within: 60_000 });
  seen(`the centre learned and sent model ${modelEpoch()} back to the shop`);

  await shop.steer("Ana", "away");
  await until("the ambient loop after she left", () => watch.screen?.mode === "ambient", { within: 90_000 });
  seen("she left, and the screen is everyone's again");
  const consoleCookie = await logIn(shop.centralUrl(), "/api/v1");
  const overview = await (await fetch(shop.centralUrl("/api/v1/overview"), { headers: { Cookie: consoleCookie } })).json();
  seen(`head office: ${overview.central.records_merged} records merged, ${overview.central.dead_letters} set aside, ${overview.members.enrolled} members`);
  if (overview.central.dead_letters !== 0) throw new Error("records were set aside");
  watch.close();
  console.log("\nThe whole loop works.");
}
