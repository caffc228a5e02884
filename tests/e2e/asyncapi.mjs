// Holds what crosses a broker against docs/asyncapi.yaml.

import { readFileSync } from "node:fs";
import path from "node:path";

import { Parser } from "@asyncapi/parser";
import Ajv from "ajv";

import { expect, expectEqual } from "./expect.mjs";
import { unpacked } from "./traces.mjs";

const SEVERE = 1;  // 0: error, 1: warning; the rest are hints.

/** The document as the public parser accepts it. */
async function description(stage) {
  const text = readFileSync(path.join(stage.places.root, "docs/asyncapi.yaml"), "utf8");
  const { document, diagnostics } = await new Parser().parse(text);
  expectEqual(diagnostics.filter((each) => each.severity <= SEVERE).map((each) => `${each.path.join(".")}: ${each.message}`), [], "what the parser says");
  expect(document, "the parser reads docs/asyncapi.yaml");
  return document.json();
}

/** `vitrine/v1/{tenant}/…` as a pattern, with the channel's name. */
function channelsOf(document) {
  return Object.entries(document.channels).map(([name, channel]) => {
    const pattern = channel.address.replace(/[.$]/g, "\\$&").replace(/\{[a-z]+\}/g, "[a-z0-9-]+");
    return { name, pattern: new RegExp(`^${pattern}$`) };
  });
}

/** What a JSON channel carries, one value a message; nothing for bytes, whose grammar is elsewhere. */
function valuesOf(channel, payload) {
  if (["manifests", "chunks", "deltas"].includes(channel)) return undefined;
  if (channel === "records") return JSON.parse(unpacked(payload)[0]).map((event) => ["event", event]);
  return [[{ acknowledgements: "acknowledgement", till: "receipt" }[channel] ?? channel, JSON.parse(payload)]];
}

/** Fails at the first message on no channel, or that its schema refuses. Returns how many of each were heard. */
export async function expectTrafficAsDescribed(stage, listener) {
  const document = await description(stage);
  const channels = channelsOf(document);
  const ajv = new Ajv({ strict: false, validateFormats: false });
  ajv.addSchema({ $id: "doc", components: { schemas: withoutResolved(document.components.schemas) } });
  const checks = new Map();
  const counts = {};
  for await (const { topic, payload } of listener.messages()) {
    if (!topic.startsWith("vitrine/")) continue;
    const channel = channels.find(({ pattern }) => pattern.test(topic));
    expect(channel, `a channel for ${topic}`);
    counts[channel.name] = (counts[channel.name] ?? 0) + 1;
    if (payload.length === 0) continue;
    for (const [schema, value] of valuesOf(channel.name, payload) ?? []) {
      if (!checks.has(schema)) checks.set(schema, ajv.compile({ $ref: `doc#/components/schemas/${schema}` }));
      const check = checks.get(schema);
      expect(check(value), `${topic}: ${JSON.stringify(value).slice(0, 400)}: ${ajv.errorsText(check.errors)}`);
    }
  }
  for (const name of ["records", "acknowledgements", "status", "manifests", "chunks"]) expect(counts[name] > 0, `something on the channel ${name}`);
  return counts;
}

/** The parser marks what it resolved; a schema has no such fields. */
function withoutResolved(value) {
  if (Array.isArray(value)) return value.map(withoutResolved);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => !key.startsWith("x-parser")).map(([key, each]) => [key, withoutResolved(each)]));
}
