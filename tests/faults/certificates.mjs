// Authorities and certificates, good and bad, made by openssl for one test.

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { Clock } from "./clock.mjs";

const KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

export class Authority {
  /** A certificate authority in the folder `dir`. */
  constructor(dir, name) {
    Object.assign(this, { dir, name, ca: path.join(dir, `${name}.pem`), key: path.join(dir, `${name}.key`) });
    this.openssl(["req", "-x509", ...KEY, "-days", "30", "-subj", `/CN=${name}`, "-keyout", this.key, "-out", this.ca]);
  }

  /** `daysAgo`: as if the clock had shown that day. */
  openssl(args, daysAgo = 0) {
    const clock = daysAgo > 0 ? new Clock(this.dir) : undefined;
    clock?.set(-daysAgo * 86_400);
    execFileSync("openssl", args, { stdio: "ignore", env: { ...process.env, ...clock?.environment } });
  }

  /** { certificate, key } for `name`; `host`: the name of a server; `expired`: was valid until some days ago. */
  issue(name, { host, expired = false } = {}) {
    const file = (end) => path.join(this.dir, `${this.name}-${name}${expired ? "-expired" : ""}.${end}`);
    const [key, request, certificate, extensions] = [file("key"), file("csr"), file("crt"), file("ext")];
    this.openssl(["req", ...KEY, "-new", "-subj", `/CN=${name}`, "-keyout", key, "-out", request]);
    writeFileSync(extensions, host ? `subjectAltName=DNS:${host}\nextendedKeyUsage=serverAuth\n` : "extendedKeyUsage=clientAuth\n");
    this.openssl(["x509", "-req", "-in", request, "-CA", this.ca, "-CAkey", this.key, "-CAcreateserial", "-days", expired ? "3" : "30", "-extfile", extensions, "-out", certificate], expired ? 10 : 0);
    return { certificate, key };
  }

  /** A server's certificate that nobody but itself vouches for. */
  selfSigned(name, host) {
    const [key, certificate] = [path.join(this.dir, `self-${name}.key`), path.join(this.dir, `self-${name}.crt`)];
    this.openssl(["req", "-x509", ...KEY, "-days", "30", "-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${host}`, "-keyout", key, "-out", certificate]);
    return { certificate, key };
  }
}

/** For Node's own connections. */
export const asClient = (authority, { certificate, key }) => ({ ca: readFileSync(authority.ca), cert: readFileSync(certificate), key: readFileSync(key), servername: "localhost" });
