// The type of a route's handler, derived from the route table: what it is given and what it returns.

import type { Readable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Static, TSchema } from "typebox";
import type { Bytes } from "../job-service.ts";
import type { Holder } from "../pairing/token-store.ts";
import type { ROUTES, RouteName } from "../protocol/api.ts";

type Field<R, K extends string> = R extends Record<K, infer S extends TSchema> ? Static<S> : undefined;
type Body<R> = R extends { body: "bytes" } ? Readable : Field<R, "body">;

/** A request that has passed the guard and the schemas. */
export interface Call<R> {
  params: Field<R, "params">;
  query: Field<R, "query">;
  body: Body<R>;
  /** Who asks; on routes without a token nobody in particular. */
  holder: Holder | null;
  request: FastifyRequest;
  reply: FastifyReply;
}

/** Event streams take the reply over and return nothing. */
type Returned<R> = R extends { reply: { json: infer S extends TSchema } }
  ? Static<S>
  : R extends { reply: "picture" | "bytes" }
    ? Bytes
    : undefined;

export type Handler<K extends RouteName> = (
  call: Call<(typeof ROUTES)[K]>,
) => Returned<(typeof ROUTES)[K]> | Promise<Returned<(typeof ROUTES)[K]>>;

export type Handlers = { [K in RouteName]: Handler<K> };
