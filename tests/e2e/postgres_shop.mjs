// A shop whose centre lives in PostgreSQL, with as many workers as a test wants.

import { execFileSync, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { freePort, until } from "../../demo/processes.mjs";
import { Shop } from "../../demo/shop.mjs";

/** A private server, which ends with the test. */
export class Postgres {
  constructor(stage) {
    this.script = path.join(stage.places.root, "tests/postgres/with_server.sh");
    this.file = path.join(stage.dir, "database-url");
    stage.atEnd(() => this.stop());
  }

  async start() {
    // It runs as long as the command does, and that as long as somebody holds its input open.
    writeFileSync(this.file, "");
    this.child = spawn(this.script, ["bash", "-c", 'printf %s "$VITRINE_TEST_DATABASE" >"$1"; cat >/dev/null', "-", this.file], { stdio: ["pipe", "ignore", "inherit"] });
    this.gone = new Promise((resolve) => this.child.once("exit", resolve));
    this.url = await until("PostgreSQL answers", () => readFileSync(this.file, "utf8"), { within: 60_000 });
    return this;
  }

  async stop() {
    this.child?.stdin.end();
    await this.gone;
  }
}

export class PostgresShop extends Shop {
  constructor({ server, ...options }) {
    super(options);
    this.server = server;
    this.workers = [];
  }

  database() {
    return ["--state", this.path("central"), "--database", this.server.url];
  }

  query(sql) {
    const out = execFileSync("psql", [this.server.url, "-At", "-c", `SELECT coalesce(json_agg(t), '[]') FROM (${sql}) t`], { encoding: "utf8", maxBuffer: 1 << 28 });
    return JSON.parse(out);
  }

  /** Drops everybody's connections and lets nobody in while `during` runs. Returns how many events had been merged. */
  async withoutDatabase(during) {
    const [{ n, name }] = this.query("SELECT count(*) AS n, current_database() AS name FROM events");
    const elsewhere = new URL(this.server.url);
    elsewhere.pathname = "/template1";
    const say = (sql) => execFileSync("psql", [elsewhere.href, "-qAt", "-c", sql]);
    say(`ALTER DATABASE "${name}" WITH ALLOW_CONNECTIONS false`);
    say(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`);
    try {
      await during();
    } finally {
      say(`ALTER DATABASE "${name}" WITH ALLOW_CONNECTIONS true`);
    }
    return n;
  }

  /** One more worker of the same centre: the same signing key, the same database, a console of its own. */
  async startWorker(index) {
    const worker = (this.workers[index] ??= this.program(`central-${index}`, path.join(this.bin, "vitrine-central"), ["--tenant", "halle", ...this.database(), ...this.centralBroker(), "--port", String(await freePort()), "--ui", this.ui, "--users", this.path("users.json"), "--train-every", "2", "--train-outcomes", "1"]));
    worker.start();
    await until(`worker ${index} is open`, () => worker.running && readFileSync(worker.log, "utf8").includes("open"));
    return worker;
  }
}
