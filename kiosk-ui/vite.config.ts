import { defineConfig } from "vitest/config";

const page = (name: string) => new URL(`./${name}.html`, import.meta.url).pathname;

export default defineConfig({
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
