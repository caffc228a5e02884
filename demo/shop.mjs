// One whole chain on this machine: a broker, the centre, and one shop with its agent.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { makeCatalogue } from "./catalogue.mjs";
import { makeMembers } from "./members.mjs";
import { freePort, Program, until, Wire } from "./processes.mjs";

export const PASSWORD = "vitrine-demo";
export const KIOSKS = [
  { id: "kiosk-1", x: 4, y: 3, enter: 3.5, exit: 4.5, name: "Entrée" },
  { id: "kiosk-2", x: 16, y: 4, enter: 3.5, exit: 4.5, name: "Marché" },
  { id: "kiosk-3", x: 10, y: 12, enter: 3.5, exit: 4.5, name: "Maison" },
];
export const SCANNERS = [
  { id: "entree", zone: "entree", x: 4, y: 2.5, z: 2.2 },
  { id: "marche", zone: "marche", x: 16.5, y: 3.5, z: 2.2 },
  { id: "maison", zone: "maison", x: 10, y: 12.5, z: 2.2 },
  { id: "epicerie", zone: "epicerie", x: 3, y: 11, z: 2.2 },
  { id: "caisses", zone: "caisses", x: 17, y: 11, z: 2.2 },
];

const quoted = (text) => JSON.stringify(text);

function agentConfig({ agent, ui, centre, verifyKey, httpPort, radio, layout, limits }) {
  const { kiosks = KIOSKS, scanners = SCANNERS } = layout ?? {};
  return `# Written by the demonstration. docs/configuration.md explains every key.
[store]
tenant = "halle"
id = "lyon"
agent = ${quoted(agent)}
time_zone = "Europe/Paris"
state = "agent"

[http]
address = "127.0.0.1"
port = ${httpPort}
ui = ${quoted(ui)}
staff = "users.json"

[centre]
${centre}
verify_key = "${verifyKey}"
reconnect_spread_seconds = ${limits?.reconnectSpread ?? 0}

[radio]
${radio ?? 'source = "simulated"\nscript = "shoppers.jsonl"\ndoor = { x = 0, y = 0 }'}

[limits]
model_delta_seconds = ${limits?.modelDelta ?? 5}
health_seconds = ${limits?.health ?? 5}
outbox_mb = ${limits?.outboxMb ?? 64}
log_level = "info"
${[...new Set(scanners.map((each) => each.zone))].map((zone) => `\n[[zone]]\nid = "${zone}"\n`).join("")}
${kiosks.map((each) => `[[kiosk]]\nid = "${each.id}"\nname = ${quoted(each.name ?? "")}\nx = ${each.x}\ny = ${each.y}\nenter_m = ${each.enter ?? 2.5}\nexit_m = ${each.exit ?? 3.5}\n`).join("\n")}
${scanners.map((each) => `[[scanner]]\nid = "${each.id}"\nzone = "${each.zone}"\nx = ${each.x}\ny = ${each.y}\nz = ${each.z}\n`).join("\n")}`;
}

const jsonl = (rows) => `${rows.map((row) => JSON.stringify(row)).join("\n")}\n`;

/** Everything that one shop needs, in one folder. */
export class Shop {
  /** `bin`: the folder of the programs; `ui`: of the built pages; `dir`: where all data goes. */
  constructor({ bin, ui, dir, radio, layout, limits, agentName = "lyon-1", policy = {}, members = 300, strangers = 25 }) {
    Object.assign(this, { bin, ui, dir, radio, layout, limits, agentName, policy, strangers });
    this.memberCount = members;
    this.programs = [];
  }

  path(...parts) {
    return path.join(this.dir, ...parts);
  }

  ctl(args, input) {
    return execFileSync(path.join(this.bin, "vitrinectl"), args, { encoding: "utf8", input });
  }

  /** Members, purchases, offers: made and enrolled at the centre. */
  seed() {
    const now = Date.now();
    mkdirSync(this.path("log"), { recursive: true });
    this.catalogue = makeCatalogue(now);
    this.data = makeMembers({ seed: 7, count: this.memberCount, catalogue: this.catalogue, now });
    writeFileSync(this.path("catalogue.json"), JSON.stringify(this.catalogue, null, 1));
    writeFileSync(this.path("members.jsonl"), jsonl(this.data.members));
    writeFileSync(this.path("purchases.jsonl"), jsonl(this.data.purchases));
    writeFileSync(this.path("visits.jsonl"), jsonl(this.data.visits));
    writeFileSync(this.path("audit.jsonl"), jsonl(this.data.audit));
    writeFileSync(this.path("policy.json"), JSON.stringify({ format: "vitrine-policy-1", loop_step_ms: 2000, change_jitter_ms: 1000, minimum_dwell_ms: 1500, holdout_permille: 0, ...this.policy }));
    writeFileSync(this.path("shoppers.jsonl"), jsonl([...this.data.phones, { strangers: this.strangers, adverts_per_second: 1 }, { shadow_db: 1 }]));
    writeFileSync(this.path("users.json"), this.ctl(["password", "marie"], `${PASSWORD}\n`));
    return this.ctl(["enrol", ...this.database(), "--store", "lyon", "--catalogue", this.path("catalogue.json"), "--policy", this.path("policy.json"), "--members", this.path("members.jsonl"), "--purchases", this.path("purchases.jsonl"), "--visits", this.path("visits.jsonl"), "--audit", this.path("audit.jsonl")]);
  }

  /** Where the centre keeps what it knows. */
  database() {
    return ["--state", this.path("central")];
  }

  program(name, command, args, env) {
    const program = new Program(name, command, args, { log: this.path("log", `${name}.log`), env });
    this.programs.push(program);
    return program;
  }

  /** What mosquitto is told. */
  brokerConfig() {
    return `listener ${this.brokerPort} 127.0.0.1\nallow_anonymous true\npersistence false\n`;
  }

  /** Where the agent's file says that the broker is, … */
  agentBroker() {
    return `broker = "mqtt://127.0.0.1:${this.wire.port}"`;
  }

  /** … and what the centre is told of it. */
  centralBroker() {
    return ["--broker", `mqtt://127.0.0.1:${this.brokerPort}`];
  }

  async startBroker() {
    this.brokerPort ??= await freePort();
    writeFileSync(this.path("mosquitto.conf"), this.brokerConfig());
    this.broker ??= this.program("broker", "mosquitto", ["-c", this.path("mosquitto.conf")], { PATH: `${process.env.PATH}:/usr/sbin` });
    this.broker.start();
    const { connect } = await import("node:net");
    await until("the broker listens", () => new Promise((resolve) => {
      const socket = connect(this.brokerPort, "127.0.0.1", () => { socket.destroy(); resolve(true); });
      socket.on("error", () => resolve(false));
    }));
  }

  async startCentral() {
    this.centralPort ??= await freePort();
    this.central ??= this.program("central", path.join(this.bin, "vitrine-central"), ["--tenant", "halle", ...this.database(), ...this.centralBroker(), "--port", String(this.centralPort), "--ui", this.ui, "--users", this.path("users.json"), "--train-every", "2", "--train-outcomes", "1"]);
    this.central.start();
    await until("the centre answers", () => this.isHealthy(this.centralPort, this.central));
  }

  async startAgent() {
    this.wire ??= await new Wire(this.brokerPort).listen();
    this.agentPort ??= await freePort();
    const verifyKey = readFileSync(this.path("central", "signing.pub"), "utf8").trim();
    writeFileSync(this.path("agent.toml"), agentConfig({ agent: this.agentName, ui: this.ui, centre: this.agentBroker(), verifyKey, httpPort: this.agentPort, radio: this.radio, layout: this.layout, limits: this.limits }));
    this.agent ??= this.program("agent", path.join(this.bin, "vitrine-agent"), ["--config", this.path("agent.toml")]);
    this.agent.start();
    await until("the agent answers", () => this.isHealthy(this.agentPort, this.agent));
  }

  async isHealthy(port, program) {
    if (!program.running) throw new Error(`${program.name} ended: see ${program.log}`);
    return (await fetch(`http://127.0.0.1:${port}/healthz`)).ok;
  }

  async start() {
    await this.startBroker();
    await this.startCentral();
    await this.startAgent();
  }

  /** Ends everything that was started, last first. */
  async stop() {
    for (const program of [...this.programs].reverse()) await program.stop();
    this.wire?.close();
  }

  agentUrl(where = "") {
    return `http://127.0.0.1:${this.agentPort}${where}`;
  }

  centralUrl(where = "") {
    return `http://127.0.0.1:${this.centralPort}${where}`;
  }

  async steer(label, place) {
    const response = await fetch(this.agentUrl(`/demo/shoppers/${encodeURIComponent(label)}/${place}`), { method: "POST", headers: { "X-Vitrine": "1" } });
    if (!response.ok) throw new Error((await response.json()).error.message);
  }

  async shoppers() {
    return (await fetch(this.agentUrl("/demo/shoppers"))).json();
  }

  /** Rows of the centre's database, read beside it. */
  query(sql) {
    const out = execFileSync("sqlite3", ["-json", "-readonly", this.path("central", "central.db"), sql], { encoding: "utf8", maxBuffer: 1 << 28 });
    return out.trim() === "" ? [] : JSON.parse(out);
  }
}
