// The page from which one steers the demonstration: who walks where, and what fails.

import { readFileSync } from "node:fs";
import http from "node:http";

import { watchScreen } from "./check.mjs";
import { SHOPPERS } from "./members.mjs";
import { checkIn } from "./phone.mjs";
import { freePort, until } from "./processes.mjs";
import { KIOSKS } from "./shop.mjs";

const PAGE = new URL("./control.html", import.meta.url);

async function publishWeather(shop, weather) {
  const { execFileSync } = await import("node:child_process");
  execFileSync("mosquitto_pub", ["-h", "127.0.0.1", "-p", String(shop.brokerPort), "-r", "-t", "vitrine/v1/halle/lyon/context/weather", "-m", JSON.stringify({ weather })]);
}

/** What the page may ask for, by name. */
function actionsOf(shop) {
  const steer = async (moves) => {
    for (const [label, place] of moves) await shop.steer(label, place);
  };
  return {
    check_in: ({ label }) => checkInAt(shop, label),
    walk: ({ label, place }) => shop.steer(label, place),
    ana_to_2: () => steer([["Ana", "kiosk-2"]]),
    two_at_1: () => steer([["Ana", "kiosk-1"], ["Karim", "kiosk-1"]]),
    all_leave: () => steer(SHOPPERS.map((each) => [each.label, "away"])),
    cut: () => shop.wire.setCut(true),
    mend: () => shop.wire.setCut(false),
    broker_gone: () => shop.broker.stop("SIGKILL"),
    broker_back: () => shop.startBroker(),
    cold: () => publishWeather(shop, -1),
    hot: () => publishWeather(shop, 1),
  };
}

/** The shopper's phone answers the code that stands on some kiosk, as if it had scanned it. */
async function checkInAt(shop, label) {
  const key = shop.data.phones.find((each) => each.phone === label)?.key;
  for (const { id } of KIOSKS) {
    const watch = await watchScreen(shop, id);
    try {
      const screen = await until(`the screen of ${id}`, () => watch.screen);
      if (!screen.check_in) continue;
      const outcome = await checkIn(screen.check_in.url, key);
      if (outcome !== "welcome") throw new Error(`the kiosk answered "${outcome}"`);
      return;
    } finally {
      watch.close();
    }
  }
  throw new Error("No kiosk shows a code: touch “M’identifier” on one first.");
}

async function stateOf(shop) {
  return {
    shoppers: (await shop.shoppers()).map((each) => ({ ...each, says: SHOPPERS.find((known) => known.label === each.label)?.says ?? "" })),
    kiosks: KIOSKS.map((each) => ({ ...each, url: shop.agentUrl(`/kiosk/${each.id}`) })),
    links: { staff: shop.agentUrl("/staff"), console: shop.centralUrl("/console") },
    network_cut: shop.wire.cut,
    broker: shop.broker.running,
  };
}

function readBody(request) {
  return new Promise((resolve, reject) => {
    let body = "";
    request.on("data", (part) => {
      body += part;
      if (body.length > 4096) request.destroy();
    });
    request.on("end", () => resolve(body === "" ? {} : JSON.parse(body)));
    request.on("error", reject);
  });
}

export async function startControl(shop) {
  const actions = actionsOf(shop);
  const answer = async (request) => {
    if (request.method === "GET" && request.url === "/") return ["text/html; charset=utf-8", readFileSync(PAGE)];
    if (request.method === "GET" && request.url === "/state") return ["application/json", JSON.stringify(await stateOf(shop))];
    const action = actions[request.url.slice(1)];
    // Another page in the same browser cannot send this header without asking.
    if (request.method !== "POST" || !action || request.headers["x-vitrine"] !== "1") return undefined;
    await action(await readBody(request));
    return ["application/json", "{}"];
  };
  const server = http.createServer((request, response) => {
    answer(request).then(
      (found) => {
        response.writeHead(found ? 200 : 404, { "Content-Type": found ? found[0] : "text/plain" });
        response.end(found ? found[1] : "not found");
      },
      (error) => {
        response.writeHead(500, { "Content-Type": "application/json" });
        response.end(JSON.stringify({ error: error.message }));
      },
    );
  });
  const port = await freePort();
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
