/**
 * Stands in for an agent and a centre while the pages are worked on: serves dist/ under the same
 * content security policy, and plays the scenes of fixtures.mjs.
 *
 *   npm run build && npm run mock        then open /kiosk/entree, /staff, /console, /c/ready-token
 *   POST /mock/{kiosk}/{scene}           puts a kiosk into a scene
 */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { experiments } from "./console_fixture.mjs";
import { board, overview, scenes, vouchers } from "./fixtures.mjs";

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const types = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
};
export const policy =
    "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

async function body_of(request) {
    let text = "";
    for await (const chunk of request) text += chunk;
    try {
        return JSON.parse(text);
    } catch {
        return {};
    }
}

export class Mock {
    kiosks = new Map();
    listeners = new Map();
    touches = [];
    alive = 0;
    logged_in = false;
    silent = false;
    claim_lasts = 300_000;

    /** Puts a kiosk into a scene, or shows it a screen as it is. */
    show(kiosk, scene) {
        const screen = typeof scene === "string" ? scenes[scene](kiosk) : scene;
        this.kiosks.set(kiosk, screen);
        this.tell(`/events/kiosk/${kiosk}`, "screen", screen);
        return screen;
    }

    tell(path, event, data) {
        for (const response of this.listeners.get(path) ?? [])
            response.write(
                `event: ${event}\nid: ${data.revision ?? 0}\ndata: ${JSON.stringify(data)}\n\n`,
            );
    }

    stream(request, response, path, event, first) {
        if (this.silent) return response.writeHead(503).end();
        response.writeHead(200, {
            "Content-Type": "text/event-stream",
            "Cache-Control": "no-store",
        });
        response.write("retry: 1000\n\n");
        if (!this.listeners.has(path)) this.listeners.set(path, new Set());
        this.listeners.get(path).add(response);
        request.on("close", () => this.listeners.get(path).delete(response));
        response.write(`event: ${event}\nid: 1\ndata: ${JSON.stringify(first)}\n\n`);
    }

    /** As an agent would: a save or a check-in is answered by a code, a dismissal by another choice. */
    touched(kiosk, touch) {
        this.touches.push(touch);
        const before = this.kiosks.get(kiosk) ?? this.show(kiosk, "ambient");
        if (touch.decision !== before.decision) return false;
        const after = { ...before, revision: before.revision + 1 };
        if (touch.kind === "save") {
            after.claim = {
                offer: touch.offer,
                url: `http://127.0.0.1:8080/c/Zq3v9-${Math.floor(performance.now())}-Kc81xw2LmT`,
                valid_until: Date.now() + this.claim_lasts,
            };
            after.cards = before.cards.map((card) =>
                card.offer === touch.offer ? { ...card, saved: true } : card,
            );
        } else if (touch.kind === "identify")
            after.check_in = {
                url: `https://halle.example/i/AfDx8vP09fb3-Pn6-_z9_v${"a".repeat(14)}`,
                valid_until: Date.now() + this.claim_lasts,
            };
        else if (touch.kind === "close") after.check_in = null;
        else if (touch.kind === "pause" || touch.kind === "forget")
            Object.assign(after, scenes.ambient(kiosk));
        else if (touch.kind === "unsave" || touch.kind === "leave") after.claim = null;
        else if (touch.kind === "dismiss")
            after.cards = before.cards.filter((card) => card.offer !== touch.offer);
        else return true;
        setTimeout(() => this.show(kiosk, after), 40);
        return true;
    }

    async file(response, path) {
        const clean = normalize(path).replace(/^(\.\.[/\\])+/, "");
        try {
            const bytes = await readFile(join(dist, clean));
            response
                .writeHead(200, {
                    "Content-Type": types[extname(clean)] ?? "application/octet-stream",
                    "Content-Security-Policy": policy,
                    "X-Content-Type-Options": "nosniff",
                })
                .end(bytes);
        } catch {
            response.writeHead(404).end();
        }
    }

    json(response, status, value, headers = {}) {
        response.writeHead(status, { "Content-Type": "application/json", ...headers });
        response.end(value === undefined ? undefined : JSON.stringify(value));
    }

    async answer(request, response) {
        const { pathname } = new URL(request.url, "http://mock");
        const posting = request.method === "POST";
        const part = pathname.split("/").slice(1);
        if (part[0] === "mock" && posting)
            return this.json(response, 200, this.show(part[1], part[2]));
        if (posting && request.headers["x-vitrine"] !== "1")
            return this.json(response, 403, { error: "X-Vitrine is missing" });
        if (part[0] === "events") return this.events(request, response, pathname, part);
        if (part[0] === "api") return this.api(request, response, pathname, part);
        const pages = {
            kiosk: "kiosk.html",
            staff: "staff.html",
            console: "console.html",
            c: "claim.html",
            i: "check-in.html",
        };
        return this.file(response, pages[part[0]] ?? pathname);
    }

    events(request, response, pathname, part) {
        if (part[1] === "kiosk")
            return this.stream(
                request,
                response,
                pathname,
                "screen",
                this.kiosks.get(part[2]) ?? this.show(part[2], "ambient"),
            );
        if (!this.logged_in) return this.json(response, 401, { error: "log in first" });
        if (part[1] === "staff") return this.stream(request, response, pathname, "board", board);
        return this.stream(request, response, pathname, "overview", overview);
    }

    async api(request, response, pathname, part) {
        if (part[2] === "kiosks") {
            const body = await body_of(request);
            if (part[4] === "alive") {
                this.alive = body.frames;
                return this.json(response, 204);
            }
            return this.touched(part[3], body)
                ? this.json(response, 202, { accepted: true })
                : this.json(response, 409, { error: "conflict: another choice is on the screen" });
        }
        if (part[2] === "claims") return this.claim(request, response, part[3]);
        if (pathname.endsWith("/login")) return this.login(response, await body_of(request));
        if (pathname.endsWith("/logout")) {
            this.logged_in = false;
            return this.json(response, 204);
        }
        if (!this.logged_in) return this.json(response, 401, { error: "log in first" });
        if (part[2] === "experiments") return this.json(response, 200, experiments);
        return this.json(response, 200, part[2] === "staff" ? board : overview);
    }

    login(response, { user, password }) {
        if (user === "lent")
            return this.json(response, 429, { error: "slow down" }, { "Retry-After": "30" });
        this.logged_in = password === "halle";
        return this.logged_in
            ? this.json(response, 204)
            : this.json(response, 401, { error: "wrong user or password" });
    }

    claim(request, response, token) {
        const voucher = vouchers[token];
        if (!voucher) return this.json(response, 404, { state: "unknown", offer: null, code: "" });
        if (request.method === "POST" && voucher.state === "ready")
            return this.json(response, 200, { ...voucher, state: "used", code: "KQ7-4M2-81" });
        return this.json(response, 200, voucher);
    }

    async start(port = 0) {
        this.server = createServer((request, response) => {
            this.answer(request, response).catch(() => response.writeHead(500).end());
        });
        this.beats = setInterval(() => {
            for (const path of this.listeners.keys()) this.tell(path, "heartbeat", {});
        }, 10_000);
        await new Promise((resolve) => this.server.listen(port, "127.0.0.1", resolve));
        return `http://127.0.0.1:${this.server.address().port}`;
    }

    stop() {
        clearInterval(this.beats);
        this.server.closeAllConnections();
        return new Promise((resolve) => this.server.close(resolve));
    }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const url = await new Mock().start(Number(process.env.PORT ?? 8080));
    console.log(
        `${url}/kiosk/entree  ${url}/staff (any user, password halle)  ${url}/console  ${url}/c/ready-token`,
    );
}
