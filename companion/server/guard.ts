// The one gate in front of every request, deny by default: who is addressed, from where, with which token,
// with what kind of body. Origin, Host and fetch metadata are extra layers; the session is the authority.
// A token is good for opening a session and for nothing else.

import type { FastifyReply, FastifyRequest } from "fastify";
import { ROUTES, type Route } from "../protocol/api.ts";
import { ImpastoError } from "../protocol/errors.ts";
import type { Scope } from "../protocol/pairing-messages.ts";
import { mostBytes } from "./body.ts";
import type { ServerContext } from "./context.ts";
import { payloadTooLarge, TransportError } from "./errors.ts";
import { API_REPLY, PAGE_REPLY, PREFLIGHT_REPLY } from "./headers.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    route?: Route;
    /** May be shown in a frame by these origins. */
    page?: { frameAncestors: string };
  }
}

const JSON_TYPES = ["application/json", "application/json; charset=utf-8", "application/json;charset=utf-8"];
const BYTES_TYPES = ["application/octet-stream"];
const FRAME_DESTINATIONS = ["iframe", "frame", "embed", "object", "fencedframe"];

/**
 * The app's onRequest hook. Throws ImpastoError; answers preflights itself. What a request may do is decided by
 * the route that the router found, never by the text of its address: only what is marked as a page, or as open
 * to everybody, goes without a session.
 */
export function createGuard(context: ServerContext) {
  return async function guard(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
    const { page, route } = request.routeOptions.config;
    reply.headers(page === undefined ? API_REPLY : PAGE_REPLY);
    checkHost(request, context);
    checkOrigin(request, context);
    if (page !== undefined) {
      checkFraming(request, page);
      return undefined;
    }
    checkFetchMetadata(request);
    if (request.method === "OPTIONS") return reply.headers(PREFLIGHT_REPLY).code(204).send();
    if (route?.access !== "none") authenticate(request, reply, route, context);
    if (route === undefined) throw unknownAddress(request, reply);
    checkBody(request, route);
    return undefined;
  };
}

/** Against DNS rebinding: the whole header, literally; no parser to disagree with. */
function checkHost(request: FastifyRequest, { address }: ServerContext): void {
  const hosts = headerValues(request, "host");
  const [host] = hosts;
  if (host === undefined || hosts.length > 1) {
    throw new ImpastoError("bad-request", "The request must name one host.");
  }
  if (!address.hostHeaders.has(host.toLowerCase())) {
    throw new TransportError(
      421,
      "forbidden",
      "The companion does not answer under this name.",
      `Use http://localhost:${address.port}.`,
    );
  }
}

/** Figma's panel is "null"; the companion's own pages are the companion; command lines send none. */
function checkOrigin(request: FastifyRequest, { address }: ServerContext): void {
  const [origin, ...more] = headerValues(request, "origin");
  if (origin === undefined || (origin === "null" && more.length === 0)) return;
  const own = /^http:\/\/(.+)$/.exec(origin)?.[1];
  if (own !== undefined && more.length === 0 && address.hostHeaders.has(own)) return;
  throw new ImpastoError("forbidden", "The companion does not serve other web sites.", {
    hint: "Open the companion's own page, or the plugin.",
  });
}

function checkFetchMetadata(request: FastifyRequest): void {
  if (headerValues(request, "sec-fetch-mode").some((mode) => mode.toLowerCase() === "navigate")) {
    throw new ImpastoError("forbidden", "This address is for programs, not for the browser's address bar.", {
      hint: "Open the companion's own page at /.",
    });
  }
}

function checkFraming(request: FastifyRequest, page: { frameAncestors: string }): void {
  const framed = headerValues(request, "sec-fetch-dest").some((value) => FRAME_DESTINATIONS.includes(value));
  if (framed && page.frameAncestors === "'none'") {
    throw new ImpastoError("forbidden", "This page may not be shown inside another one.");
  }
}

function authenticate(
  request: FastifyRequest,
  reply: FastifyReply,
  route: Route | undefined,
  { tokens, sessions, limits, openReplies }: ServerContext,
): void {
  const [authorization = "", ...more] = headerValues(request, "authorization");
  const bearer = /^Bearer ([\x21-\x7e]{1,200})$/i.exec(authorization)?.[1];
  const shown = route?.access === "token" ? tokens : sessions;
  const holder = bearer === undefined || more.length > 0 ? null : shown.verify(bearer);
  if (holder === null) {
    if (!limits.unauthenticated.take()) throw tooManyFailures();
    reply.header("WWW-Authenticate", "Bearer");
    throw new ImpastoError("unauthorized", "This panel is not paired with the companion.", {
      hint: "Pair it: press Connect on the companion's page, or run `impasto pair open`, and type the code.",
    });
  }
  if (route !== undefined) checkScope(route.access, holder.scope);
  request.holder = holder;
  openReplies.add(holder.id, reply.raw);
}

function checkScope(access: Route["access"], scope: Scope): void {
  if (access === "none" || access === "token") return;
  if (access === "work" && scope !== "work") {
    throw new ImpastoError("forbidden", "Only a worker may do this.", {
      hint: "`impasto pair worker` gives a token for one.",
    });
  }
  if (access !== "work" && scope === "work") {
    throw new ImpastoError("forbidden", "A worker may ask only for what its jobs need.");
  }
  if (access === "admin" && scope !== "admin") {
    throw new ImpastoError("forbidden", "Only the companion's own page and the command line may do this.");
  }
}

/** An address without a route: nothing there, or there with other methods. */
function unknownAddress(request: FastifyRequest, reply: FastifyReply): ImpastoError {
  const path = request.url.split("?", 1)[0] as string;
  const methods = Object.values(ROUTES)
    .filter((route) => pathPattern(route.path).test(path))
    .map((route) => route.method);
  if (methods.length === 0) return new ImpastoError("not-found", "The companion has nothing at this address.");
  reply.header("Allow", methods.join(", "));
  return new ImpastoError("method-not-allowed", "This address does not take that method.");
}

function pathPattern(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(".", "\\.").replace(/:\w+/g, "[^/]+")}$`);
}

/** A closed list of content types, literally: what a form can send is not in it. */
function checkBody(request: FastifyRequest, route: Route): void {
  const types = headerValues(request, "content-type");
  const allowed = route.body === "bytes" ? BYTES_TYPES : JSON_TYPES;
  const known = types.length <= 1 && types.every((type) => allowed.includes(type.toLowerCase()));
  if (!known || (route.body !== undefined && types.length === 0)) {
    throw new ImpastoError("unsupported-media-type", `This address takes ${allowed[0]} only.`);
  }
  if (headerValues(request, "content-encoding").length > 0) {
    throw new ImpastoError("unsupported-media-type", "The companion takes no compressed requests.");
  }
  const [length] = headerValues(request, "content-length");
  const chunked = headerValues(request, "transfer-encoding").length > 0;
  if (route.body === undefined && (chunked || (length !== undefined && length !== "0"))) {
    throw new ImpastoError("bad-request", "This address takes no body.");
  }
  // Before anything is read, and old results are given up for it.
  if (Number(length ?? 0) > mostBytes(route)) throw payloadTooLarge();
  if (route.idempotent && headerValues(request, "idempotency-key").length !== 1) {
    throw new ImpastoError("bad-request", "The request needs one Idempotency-Key header.", {
      hint: "Send a random key with each new job, and the same key when you repeat the request.",
    });
  }
}

function tooManyFailures(): ImpastoError {
  return new ImpastoError("rate-limited", "Too many requests with a wrong token.", { hint: "Wait a second." });
}

/** Every value that came, also where Node would keep the first only. */
function headerValues(request: FastifyRequest, name: string): string[] {
  const raw = request.raw.rawHeaders;
  const values: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    if (raw[index]?.toLowerCase() === name) values.push(raw[index + 1] as string);
  }
  return values;
}
