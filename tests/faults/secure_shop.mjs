// A shop whose broker speaks TLS only, set up by the files that docs/broker.md recommends.

import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { Shop } from "../../demo/shop.mjs";
import { Authority } from "./certificates.mjs";

export const AGENT = "halle.lyon.lyon-1";
export const OTHER_AGENT = "halle.paris.paris-1";
const CENTRE = "halle.central-1";
export const LISTENER = "test.listener";

export class SecureShop extends Shop {
  /** Certificates for everybody; `root` is the checkout. */
  prepare(root) {
    this.root = root;
    this.ours = new Authority(this.dir, "ours");
    this.certificates = Object.fromEntries([AGENT, OTHER_AGENT, CENTRE, LISTENER].map((name) => [name, this.ours.issue(name)]));
    this.server = this.ours.issue("broker", { host: "localhost" });
    return this;
  }

  /** The recommended configuration with the places of this test, and one more client that may hear everything. */
  brokerConfig() {
    const example = (name) => readFileSync(path.join(this.root, "docs/examples", name), "utf8");
    writeFileSync(this.path("acl"), `${example("mosquitto.acl")}\nuser ${LISTENER}\ntopic read #\n`, { mode: 0o644 });
    const place = (text, from, to) => {
      if (!text.includes(from)) throw new Error(`docs/examples/mosquitto.conf has no '${from}' any more`);
      return text.replace(from, to);
    };
    const at = "/etc/mosquitto/vitrine";
    const own = place(place(place(place(place(example("mosquitto.conf"), "listener 8883", `listener ${this.brokerPort} 127.0.0.1`), `${at}/ca.pem`, this.ours.ca), `${at}/broker.pem`, this.server.certificate), `${at}/broker.key`, this.server.key), `acl_file ${at}/acl`, `acl_file ${this.path("acl")}`);
    return `user root\n${own}`; // The test's files are root's where root runs it.
  }

  credentials(name) {
    return { ca: this.ours.ca, ...this.certificates[name] };
  }

  agentBroker() {
    const { ca, certificate, key } = this.credentials(AGENT);
    return [`broker = "mqtts://localhost:${this.agentsBrokerPort ?? this.brokerPort}"`, `ca = "${ca}"`, `certificate = "${certificate}"`, `key = "${key}"`].join("\n");
  }

  centralBroker() {
    const { ca, certificate, key } = this.credentials(CENTRE);
    return ["--broker", `mqtts://localhost:${this.brokerPort}`, "--ca", ca, "--certificate", certificate, "--key", key];
  }
}
