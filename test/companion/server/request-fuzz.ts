// Malformed requests: JSON that almost fits a schema, and bytes that are almost HTTP.

import fc from "fast-check";
import type { Route } from "../../../companion/protocol/api.ts";
import { ROUTES } from "../../../companion/protocol/api.ts";
import { SETTING_NAMES } from "../../../companion/protocol/settings.ts";
import { exampleOf } from "./refusal-matrix.ts";

const hex = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`));

/** A JSON value in the shape of the schema, wrong in places: the fields' names are right, what they hold may not be. */
function almost(schema: unknown, depth = 0): fc.Arbitrary<unknown> {
  const s = (schema ?? {}) as {
    type?: string;
    properties?: Record<string, unknown>;
    items?: unknown;
    enum?: unknown[];
    anyOf?: unknown[];
    pattern?: string;
    const?: unknown;
  };
  const wild = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom(null, "", "__proto__", -1, 1e308, Number.MAX_SAFE_INTEGER, [], {}, "\u0000", "a".repeat(5000)),
  );
  if (depth > 4) return wild;
  const right = (() => {
    if (s.const !== undefined) return fc.constant(s.const);
    if (s.enum !== undefined) return fc.constantFrom(...s.enum);
    if (s.anyOf !== undefined) return fc.oneof(...s.anyOf.map((one) => almost(one, depth + 1)));
    if (s.type === "object") {
      const fields = Object.entries(s.properties ?? {}).map(([name, field]) => [name, almost(field, depth + 1)]);
      return fc.record(Object.fromEntries(fields), { requiredKeys: [] });
    }
    if (s.type === "array") return fc.array(almost(s.items, depth + 1), { maxLength: 5 });
    if (s.type === "integer") return fc.integer();
    if (s.type === "number") return fc.double();
    if (s.type === "boolean") return fc.boolean();
    if (s.pattern?.includes("{64}")) return hex(64);
    if (s.pattern?.includes("{32}")) return hex(32);
    return fc.string({ unit: "binary", maxLength: 300 });
  })();
  return fc.oneof({ weight: 6, arbitrary: right }, { weight: 1, arbitrary: wild });
}

/** A field that does not belong, a name that means something to JavaScript, or a setting that does not exist. */
const extraFields = fc.dictionary(
  fc.constantFrom("__proto__", "constructor", "toString", "extra", "", ...SETTING_NAMES.slice(0, 3)),
  fc.jsonValue({ maxDepth: 1 }),
  { maxKeys: 2 },
);

/** Depths and numbers that no schema foresees, as a text that may be no JSON. */
const extremes = fc.oneof(
  fc
    .integer({ min: 1, max: 100_000 })
    .chain((depth) =>
      fc.constantFrom(
        "[".repeat(depth) + "]".repeat(depth),
        "[".repeat(depth),
        `${'{"settings":'.repeat(depth)}1${"}".repeat(depth)}`,
        `{"settings":${"[".repeat(depth)}${"]".repeat(depth)}}`,
      ),
    ),
  fc
    .tuple(
      fc.constantFrom("size", "seed", "strength", "iterations", "styleScale"),
      fc.constantFrom("NaN", "Infinity", "1e999", "-1e999", "-0", "1e-400", "9".repeat(400), "0x10", "1_000", "01"),
    )
    .map(([name, number]) => `{"settings":{"${name}":${number}},"styles":[],"content":{"sha256":"${"0".repeat(64)}"}}`),
);

export interface FuzzedCall {
  route: Route;
  path: string;
  body: string;
}

const WITH_BODY = Object.values<Route>(ROUTES).filter((route) => route.body !== undefined && route.body !== "bytes");

/** Built once for each route: the schemas are large. */
export const fuzzedJson: fc.Arbitrary<FuzzedCall> = fc.oneof(
  ...WITH_BODY.map((route) =>
    fc
      .tuple(almost(route.body), extraFields, extremes, fc.integer({ min: 0, max: 9 }), fc.nat(200))
      .map(([value, extra, extreme, damage, at]) => {
        if (damage === 7) return { route, path: exampleOf(route), body: extreme };
        const isRecord = typeof value === "object" && value !== null && !Array.isArray(value);
        const text = JSON.stringify(damage < 2 && isRecord ? { ...value, ...extra } : value) ?? "null";
        const body = damage === 9 ? text.slice(0, at) : damage === 8 ? `${text}${text.slice(0, at)}` : text;
        return { route, path: exampleOf(route), body };
      }),
  ),
);

/** Paths and queries that are almost right. */
export const fuzzedPath: fc.Arbitrary<{ route: Route; path: string }> = fc
  .constantFrom(...Object.values<Route>(ROUTES))
  .chain((route) =>
    fc
      .tuple(
        fc.oneof(
          fc.string({ unit: "binary", maxLength: 60 }).map(encodeURIComponentSafely),
          fc.constantFrom(
            "..",
            "%2e%2e",
            "..%2f..%2fetc%2fpasswd",
            "%2e%2e%5c",
            "%c0%ae%c0%ae",
            "%00",
            "CON",
            "a::$DATA",
            "%zz",
            "%",
            "0".repeat(32),
            "A".repeat(32),
            "0".repeat(5000),
          ),
        ),
        fc.constantFrom(
          "",
          "?",
          "?after=1&after=2",
          "?after=-1",
          "?limit=99999",
          "?__proto__=1",
          "?raw??",
          "?state=x",
          "?%",
          "#x",
        ),
      )
      .map(([value, query]) => ({ route, path: route.path.replace(/:\w+/g, value) + query })),
  );

function encodeURIComponentSafely(text: string): string {
  return [...text]
    .map((character) => `%${(character.codePointAt(0) as number & 0xff).toString(16).padStart(2, "0")}`)
    .join("");
}

/** Bytes on the wire that break or bend HTTP/1.1: smuggling, wrong lengths, bad chunks, huge heads, garbage. */
export function fuzzedBytes(port: number, token: string): fc.Arbitrary<string> {
  const host = `Host: localhost:${port}`;
  const auth = `Authorization: Bearer ${token}`;
  const json = "Content-Type: application/json";
  const head = (lines: string[], first = "POST /v1/plan HTTP/1.1") => `${[first, ...lines].join("\r\n")}\r\n\r\n`;
  const latin = (maxLength: number) =>
    fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes).toString("latin1"));
  return fc.oneof(
    // Both lengths, twice the length, lengths that are no numbers.
    fc
      .constantFrom(
        "Transfer-Encoding: chunked",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding : chunked",
        "Transfer-Encoding:\tchunked",
        "Transfer-Encoding: chunked, identity",
      )
      .map((te) => `${head([host, auth, json, "Content-Length: 4", te])}0\r\n\r\nGET /v1/jobs HTTP/1.1\r\n\r\n`),
    fc
      .constantFrom("-1", "+4", "4, 4", "0x4", "4e0", "9".repeat(30), "", " ", "4\r\nContent-Length: 5")
      .map((length) => `${head([host, auth, json, `Content-Length: ${length}`])}{}{}`),
    // Chunks with wrong sizes, extensions without end, missing ends.
    fc
      .constantFrom(
        "z\r\n{}\r\n0\r\n\r\n",
        "ffffffffffffffff1\r\n{}",
        `2;${"x".repeat(20_000)}\r\n{}\r\n0\r\n\r\n`,
        "2\r\n{}xx0\r\n\r\n",
        "-2\r\n{}\r\n0\r\n\r\n",
        "2\n{}\n0\n\n",
      )
      .map((chunks) => head([host, auth, json, "Transfer-Encoding: chunked"]) + chunks),
    // Heads: huge, many, folded, without a colon, with NUL, line feeds alone.
    fc.integer({ min: 1000, max: 40_000 }).map((length) => head([host, auth, `X: ${"a".repeat(length)}`])),
    fc
      .integer({ min: 10, max: 3000 })
      .map((count) => head([host, ...Array.from({ length: count }, (_, i) => `H${i}: 1`)])),
    fc
      .constantFrom("X\r\n", " folded: yes", "X : y", "\u0000: 1", "X: \u0000", ": empty", "X: a\nY: b", "X: a\rY: b")
      .map((line) => head([host, line, auth])),
    // Request lines.
    fc
      .constantFrom(
        "GET",
        "GET /",
        "GET / HTTP/9.9",
        "GET  / HTTP/1.1",
        "get / HTTP/1.1",
        "GET / HTTP/1.0",
        "GET http://evil.test/ HTTP/1.1",
        "GET //evil.test HTTP/1.1",
        "CONNECT evil.test:80 HTTP/1.1",
        "GET * HTTP/1.1",
        "PRI * HTTP/2.0",
        "\u0016\u0003\u0001\u0002\u0000",
      )
      .map((line) => head([host, auth], line)),
    fc.integer({ min: 1000, max: 70_000 }).map((length) => head([host, auth], `GET /${"a".repeat(length)} HTTP/1.1`)),
    // Upgrades.
    fc
      .constantFrom("websocket", "h2c", "TLS/1.0", "websocket, h2c", "")
      .map((to) =>
        head(
          [
            host,
            auth,
            "Connection: Upgrade",
            `Upgrade: ${to}`,
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version: 13",
          ],
          "GET /v1/health HTTP/1.1",
        ),
      ),
    // Anything at all, and anything in the places of header values.
    latin(400),
    latin(100).map((value) => head([host, auth, `Content-Type: ${value}`, "Content-Length: 0"])),
    latin(100).map((value) => head([host, `Authorization: ${value}`], "GET /v1/jobs HTTP/1.1")),
    latin(100).map((value) => `${head([host, auth, json, `Content-Length: ${value.length}`])}${value}`),
  );
}
