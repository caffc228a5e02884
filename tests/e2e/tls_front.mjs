// What a shop puts before its agent so that phones reach it by HTTPS: here Node, with a certificate of its own making.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import path from "node:path";

/** A certificate for localhost that only who is given `cert` trusts. */
function certificate(dir, name) {
  const key = path.join(dir, `${name}.key`);
  const cert = path.join(dir, `${name}.pem`);
  execFileSync(
    "openssl",
    ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", `/CN=${name}`, "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", cert],
    { stdio: "ignore" },
  );
  return { key, cert };
}

export class TlsFront {
  /** Hands on to `port` of the loopback what comes by TLS. */
  static async open(dir, port) {
    const front = new TlsFront();
    const own = certificate(dir, "front");
    front.ca = own.cert;
    front.foreignCa = certificate(dir, "foreign").cert;
    front.server = https.createServer({ key: readFileSync(own.key), cert: readFileSync(own.cert) }, (request, response) => {
      const { method, url, headers } = request;
      const onward = http.request({ host: "127.0.0.1", port, method, path: url, headers }, (answer) => {
        response.writeHead(answer.statusCode, answer.headers);
        answer.pipe(response);
      });
      onward.once("error", () => response.writeHead(502).end());
      request.pipe(onward);
    });
    await new Promise((resolve) => front.server.listen(0, "127.0.0.1", resolve));
    return front;
  }

  /** The same address by way of the front. */
  url(direct) {
    return `https://localhost:${this.server.address().port}${new URL(direct).pathname}`;
  }

  close() {
    this.server.closeAllConnections();
    this.server.close();
  }
}
