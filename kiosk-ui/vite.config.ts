import { readFileSync } from "node:fs";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const page = (name: string) => new URL(`./${name}.html`, import.meta.url).pathname;

/** What the pages carry of others, and on what terms. */
const carried = [
    "preact",
    "uqr",
    "uplot",
    "@fontsource-variable/fraunces",
    "@fontsource-variable/figtree",
];

const licences = (): Plugin => ({
    name: "licences",
    generateBundle() {
        const read = (name: string) =>
            readFileSync(new URL(`./node_modules/${name}/LICENSE`, import.meta.url), "utf8").trim();
        const source = carried.map((name) => `== ${name} ==\n\n${read(name)}\n`).join("\n\n");
        this.emitFile({ type: "asset", fileName: "licences.txt", source });
    },
});

export default defineConfig({
    plugins: [licences()],
    // By hand, so that the JSX needs no plugin.
    esbuild: { jsx: "automatic", jsxImportSource: "preact" },
    build: {
        target: "es2022",
        // The content security policy allows nothing inline: neither polyfill nor data: font.
        modulePreload: { polyfill: false },
        assetsInlineLimit: 0,
        rollupOptions: {
            input: {
                kiosk: page("kiosk"),
                staff: page("staff"),
                console: page("console"),
                claim: page("claim"),
                "check-in": page("check-in"),
            },
        },
    },
    test: {
        environment: "happy-dom",
        include: ["test/**/*.test.{ts,tsx}"],
        restoreMocks: true,
        // What a test renders asks for pictures that no server has: nothing leaves the process.
        environmentOptions: { happyDOM: { settings: { disableCSSFileLoading: true } } },
    },
});
