// The refusal table: every route against tokens, hosts, origins, methods, content types and fetch metadata.
// What must come is worked out here a second time, from the design and not from the guard.

import type { Route } from "../../../companion/protocol/api.ts";
import { ROUTES } from "../../../companion/protocol/api.ts";
import { pairWith, type TestServer } from "./harness.ts";
import { createRawClient, type RawReply } from "./raw-client.ts";

/** What a request shows; a token opens a session and nothing else. */
const BEARERS = ["none", "wrong", "revoked token", "token", "revoked session", "session"] as const;
export const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"] as const;
export const TYPES = [
  "application/json",
  "application/json; charset=utf-8",
  "APPLICATION/JSON",
  "application/octet-stream",
  "text/plain",
  "text/plain; application/json",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "application/jsonx",
  "application/json\tx",
  "application/json, text/plain",
  "",
] as const;
const MODES = ["cors", "navigate", "NAVIGATE", "same-origin"] as const;

/** Forty ways to address the companion; the first six are right. */
export function hosts(port: number): string[][] {
  const p = `:${port}`;
  return [
    [`localhost${p}`],
    [`127.0.0.1${p}`],
    [`[::1]${p}`],
    [`LOCALHOST${p}`],
    [`LocalHost${p}`],
    [`127.0.0.1${p}`],
    [],
    [`localhost${p}`, `localhost${p}`],
    [`localhost${p}`, `evil.test${p}`],
    [""],
    ["localhost"],
    ["127.0.0.1"],
    ["[::1]"],
    [`localhost.${p}`],
    [`127.0.0.1.${p}`],
    [`127.0.0.1.nip.io${p}`],
    [`localhost.evil.test${p}`],
    [`evil.test${p}`],
    [`evillocalhost${p}`],
    [`0.0.0.0${p}`],
    [`127.1${p}`],
    [`127.0.0.2${p}`],
    [`0x7f000001${p}`],
    [`2130706433${p}`],
    [`0177.0.0.1${p}`],
    [`user@localhost${p}`],
    [`localhost${p}@evil.test`],
    [`localhost${p}${p}`],
    [`localhost:0${port}`],
    [`localhost:${port + 1}`],
    [`localhost:`],
    [`::1${p}`],
    [`[0:0:0:0:0:0:0:1]${p}`],
    [`[::ffff:127.0.0.1]${p}`],
    [`[::1%lo]${p}`],
    [`[${p}`],
    [`%6cocalhost${p}`],
    [`http://localhost${p}`],
    [`localhost${p}/`],
    [`locälhost${p}`],
    ["a".repeat(8000) + p],
  ];
}
const RIGHT_HOSTS = 6;

export function origins(port: number): string[][] {
  return [
    [],
    ["null"],
    [`http://localhost:${port}`],
    [`http://127.0.0.1:${port}`],
    [`https://localhost:${port}`],
    [`http://localhost:${port + 1}`],
    ["http://localhost"],
    ["https://evil.test"],
    [`http://localhost:${port}.evil.test`],
    ["https://www.figma.com"],
    ["null", "null"],
    [`null, http://localhost:${port}`],
    ["file://"],
    [""],
  ];
}
const RIGHT_ORIGINS = 4;

export interface Cell {
  path: string;
  method: string;
  bearer: (typeof BEARERS)[number];
  host: number;
  origin: number;
  /** null: no Content-Type. */
  type: string | null;
  mode: string | null;
}

const UNKNOWN: Record<string, string> = {
  ":id": "0".repeat(32),
  ":sha256": "0".repeat(64),
  ":name": "vgg98",
  ":sequence": "1",
};

export function exampleOf(route: Route): string {
  return route.path.replace(/:\w+/g, (name) => {
    return route.path.startsWith("/v1/pairings/") ? "0".repeat(16) : (UNKNOWN[name] as string);
  });
}

/** The right content type of a route. */
function typeOf(route: Route): string | null {
  if (route.body === undefined) return null;
  return route.body === "bytes" ? "application/octet-stream" : "application/json";
}

/** Every route with one thing changed at a time, for every bearer. */
export function cells(port: number): Cell[] {
  const all: Cell[] = [];
  for (const route of Object.values<Route>(ROUTES)) {
    for (const bearer of BEARERS) {
      const base: Cell = {
        path: exampleOf(route),
        method: route.method,
        bearer,
        host: 0,
        origin: 1,
        type: typeOf(route),
        mode: "cors",
      };
      all.push(base);
      hosts(port).forEach((_, host) => void all.push({ ...base, host }));
      origins(port).forEach((_, origin) => void all.push({ ...base, origin }));
      for (const method of METHODS) all.push({ ...base, method });
      for (const type of [...TYPES, null]) all.push({ ...base, type });
      for (const mode of [...MODES, null]) all.push({ ...base, mode });
    }
  }
  for (const path of ["/", "/photopea/", "/nothing", "/v1", "/v1/", "/v1/nothing", "/V1/jobs", "//v1/jobs"]) {
    for (const method of METHODS) {
      for (const bearer of BEARERS) all.push({ path, method, bearer, host: 0, origin: 0, type: null, mode: null });
    }
  }
  return all;
}

/** Other ways to write an address, some of which a router may take for the same. */
export function spellings(path: string): string[] {
  const coded = (text: string) => [...text].map((c) => `%${c.charCodeAt(0).toString(16)}`).join("");
  const [, ...parts] = path.split("/");
  return [
    `/${parts.map(coded).join("/")}`,
    path.replace("v1", "%76%31"),
    path.replace("v1", "v%31"),
    path.replaceAll("/", "%2f").replace("%2f", "/"),
    `http://localhost${path}`,
    `http://evil.test${path}`,
    `//evil.test${path}`,
    `/.${path}`,
    `/x/..${path}`,
    `/%2e%2e${path}`,
    `${path}/`,
    `${path}//`,
    `/${path}`,
    `${path};x=1`,
    `${path}%00`,
    `${path}%3f`,
    `${path}#x`,
    `${path}?x=1`,
    path.toUpperCase(),
    `*${path}`,
  ];
}

/** Everything changed at once. `random` in 0 … 1. */
export function randomCell(port: number, random: () => number): Cell {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const route = pick(Object.values<Route>(ROUTES));
  return {
    path: exampleOf(route),
    method: random() < 0.7 ? route.method : pick(METHODS),
    bearer: pick(BEARERS),
    host: random() < 0.7 ? 0 : Math.floor(random() * hosts(port).length),
    origin: random() < 0.7 ? 1 : Math.floor(random() * origins(port).length),
    type: random() < 0.7 ? typeOf(route) : pick([...TYPES, null]),
    mode: pick([...MODES, null]),
  };
}

/** Status that must come, or "passes" when the guard must let it through. */
export function expected(cell: Cell, port: number): number | "passes" {
  const host = hosts(port)[cell.host] as string[];
  if (host.length !== 1) return 400;
  if (cell.host >= RIGHT_HOSTS) return 421;
  if (cell.origin >= RIGHT_ORIGINS) return 403;
  if (cell.method === "GET" && cell.path === "/") return 200;
  if (cell.method === "GET" && cell.path === "/photopea/") return 404;
  if (cell.mode?.toLowerCase() === "navigate") return 403;
  if (cell.method === "OPTIONS") return 204;
  const same = Object.values<Route>(ROUTES).filter((route) => exampleOf(route) === cell.path);
  const route = same.find(({ method }) => method === cell.method);
  const right = route?.access === "token" ? "token" : "session";
  if (route?.access !== "none" && cell.bearer !== right) return 401;
  if (route === undefined) return same.length > 0 ? 405 : 404;
  if (route.access === "admin" || route.access === "work") return 403;
  const type = cell.type?.toLowerCase() ?? null;
  const isJson = type === "application/json" || type === "application/json; charset=utf-8";
  if (route.body === undefined ? type !== null && !isJson : route.body === "bytes" ? type !== typeOf(route) : !isJson) {
    return 415;
  }
  // Only its own pairing may be revoked by a panel.
  return route.path === "/v1/pairings/:id" ? 403 : "passes";
}

const GUARD_STATUSES = [401, 403, 405, 415, 421];

/** What came instead of what must, or null. */
export function verdict(cell: Cell, reply: RawReply | null, port: number): string | null {
  const want = expected(cell, port);
  if (reply === null) return `no answer instead of ${want}`;
  const right =
    want === "passes" ? !GUARD_STATUSES.includes(reply.status) && reply.status < 500 : reply.status === want;
  if (!right) return `${reply.status} ${reply.body.slice(0, 80)} instead of ${want}`;
  if (reply.status >= 400 && cell.method !== "HEAD") {
    const { code, message } = JSON.parse(reply.body) as { code?: unknown; message?: unknown };
    if (typeof code !== "string" || typeof message !== "string") return `no typed error: ${reply.body}`;
  }
  if (reply.headers["x-content-type-options"] !== "nosniff") return "no nosniff";
  const isPage = cell.method === "GET" && ["/", "/photopea/"].includes(cell.path);
  if (reply.headers["access-control-allow-origin"] !== (isPage ? undefined : "null")) return "a wrong CORS header";
  if (reply.headers["access-control-allow-credentials"] !== undefined) return "credentials are allowed";
  if (reply.headers["set-cookie"] !== undefined) return "a cookie";
  if (!reply.headers["content-security-policy"]?.includes("frame-ancestors 'none'")) return "may be framed";
  return null;
}

export function createMatrixClient(test: TestServer) {
  const { port } = test.server;
  const client = createRawClient(port);
  const pairing = { host: "figma", name: "Panel", scope: "jobs" } as const;
  const revoked = pairWith(test.server, pairing);
  test.server.tokens.revoke(revoked.id);
  const bearers: Record<Cell["bearer"], string | null> = {
    none: null,
    wrong: `imp_${test.panel.id}_${"0".repeat(64)}`,
    "revoked token": revoked.token,
    token: test.server.tokens.issue(pairing).token,
    "revoked session": revoked.session,
    session: test.panel.session,
  };
  return {
    close: client.close,
    async check(cell: Cell): Promise<string | null> {
      const hasBody = ["POST", "PUT", "PATCH"].includes(cell.method) && cell.type !== null;
      const route = Object.values<Route>(ROUTES).find((r) => r.method === cell.method && exampleOf(r) === cell.path);
      const body = hasBody && route?.body !== undefined ? "{}" : "";
      const headers: [string, string][] = [
        ...(hosts(port)[cell.host] as string[]).map((host): [string, string] => ["Host", host]),
        ...(origins(port)[cell.origin] as string[]).map((origin): [string, string] => ["Origin", origin]),
        ["Content-Length", String(body.length)],
        ["Idempotency-Key", "0123456789abcdef"],
      ];
      const bearer = bearers[cell.bearer];
      if (bearer !== null) headers.push(["Authorization", `Bearer ${bearer}`]);
      if (cell.type !== null) headers.push(["Content-Type", cell.type]);
      if (cell.mode !== null) headers.push(["Sec-Fetch-Mode", cell.mode]);
      const reply = await client.send({ method: cell.method, path: cell.path, headers, body });
      const wrong = verdict(cell, reply, port);
      return wrong === null ? null : `${JSON.stringify({ ...cell, host: hosts(port)[cell.host] })}: ${wrong}`;
    },
  };
}
