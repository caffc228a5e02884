// Starting, watching and ending the programs of one shop on this machine. Used by the demonstration and by the end-to-end tests.

import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import net from "node:net";

/** A free port of the loopback. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Ends a question that nobody answers, so that whoever asks again and again does not hang with it. */
function answered(ask, ms) {
  const signal = AbortSignal.timeout(ms);
  return Promise.race([
    ask(signal),
    new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error(`no answer within ${ms / 1000} s`)), { once: true })),
  ]);
}

/**
 * Asks again until `ask` gives something true; says what was waited for when it never does. Each question has ten seconds; `ask` is
 * handed the signal that ends it.
 */
export async function until(what, ask, { within = 20_000, every = 100, each = 10_000 } = {}) {
  const end = Date.now() + within;
  let last;
  while (Date.now() < end) {
    try {
      const answer = await answered(ask, each);
      if (answer) return answer;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await sleep(every);
  }
  throw new Error(`${what}: not within ${within / 1000} s${last ? ` (${last.message})` : ""}`);
}

/** One program, with its output in a log file. Ends with this process. */
export class Program {
  constructor(name, command, args, { log, env = {} }) {
    this.name = name;
    this.command = command;
    this.args = args;
    this.log = log;
    this.env = env;
    this.child = undefined;
    this.expected = false;
  }

  start() {
    const out = createWriteStream(this.log, { flags: "a" });
    this.expected = false;
    this.child = spawn(this.command, this.args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...this.env } });
    this.child.stdout.pipe(out, { end: false });
    this.child.stderr.pipe(out, { end: false });
    this.gone = new Promise((resolve) => {
      this.child.once("error", (error) => resolve(error.message));
      this.child.once("exit", (code, signal) => resolve(signal ?? code));
    });
    const child = this.child;
    this.gone.then((how) => {
      if (this.child === child) this.child = undefined;
      if (!this.expected && this.onGone) this.onGone(how);
    });
    return this;
  }

  get running() {
    return this.child !== undefined;
  }

  get pid() {
    return this.child?.pid;
  }

  /** Ends it: politely, then after `grace` not. */
  async stop(signal = "SIGTERM", grace = 5000) {
    if (!this.child) return;
    this.expected = true;
    this.child.kill(signal);
    const killer = setTimeout(() => this.child?.kill("SIGKILL"), grace);
    await this.gone;
    clearTimeout(killer);
  }
}

/** A way between the shop and the broker that can be cut, as a network can. */
export class Wire {
  constructor(target) {
    this.target = target;
    this.cut = false;
    this.sockets = new Set();
    this.server = net.createServer((socket) => this.join(socket));
  }

  async listen() {
    await new Promise((resolve, reject) => {
      this.server.once("error", reject);
      this.server.listen(0, "127.0.0.1", resolve);
    });
    this.port = this.server.address().port;
    return this;
  }

  join(socket) {
    if (this.cut) return socket.destroy();
    const other = net.connect(this.target, "127.0.0.1");
    for (const [one, two] of [[socket, other], [other, socket]]) {
      this.sockets.add(one);
      one.on("error", () => {});
      one.on("close", () => {
        this.sockets.delete(one);
        two.destroy();
      });
      one.pipe(two);
    }
  }

  setCut(cut) {
    this.cut = cut;
    if (cut) for (const socket of this.sockets) socket.destroy();
  }

  close() {
    this.setCut(true);
    this.server.close();
  }
}
