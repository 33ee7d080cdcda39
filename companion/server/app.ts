// The Fastify app: guard, schemas, the routes of the protocol's table, one error shape, one log line a request.

import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { Bytes } from "../job-service.ts";
import { ROUTE_NAMES, ROUTES, type Route, type RouteName } from "../protocol/api.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { MAX_BLOB_BYTES, MAX_JSON_BYTES } from "../protocol/limits.ts";
import { NOTES_HEADER, wordNotes } from "../protocol/notes-header.ts";
import { meterBody, mostBytes, readJson } from "./body.ts";
import type { ServerContext } from "./context.ts";
import { errorReply } from "./errors.ts";
import { createGuard } from "./guard.ts";
import type { Call, Handlers } from "./handlers.ts";
import { API_REPLY } from "./headers.ts";
import { addPages } from "./pages.ts";
import { batchRoutes } from "./routes/batch-routes.ts";
import { blobRoutes } from "./routes/blob-routes.ts";
import { jobRoutes } from "./routes/job-routes.ts";
import { learningRoutes } from "./routes/learning-routes.ts";
import { machineRoutes } from "./routes/machine-routes.ts";
import { modelRoutes } from "./routes/model-routes.ts";
import { pairingRoutes } from "./routes/pairing-routes.ts";
import { workRoutes } from "./routes/work-routes.ts";
import { compileValidator } from "./validation.ts";

/** A refused request may go on sending for so long before its connection is cut. */
const LEFTOVER_MS = 5000;
/** A client that takes no byte of a picture for so long is gone. */
const PICTURE_STALL_MS = 30_000;

/** Ready to be given to `listen`; `distFolder` holds the built pages. */
export async function createApp(context: ServerContext, distFolder: string): Promise<FastifyInstance> {
  const sendError = errorReply(context.log);
  const app = Fastify({
    logger: false,
    trustProxy: false,
    exposeHeadRoutes: false,
    bodyLimit: MAX_JSON_BYTES,
    routerOptions: { maxParamLength: 128 },
    frameworkErrors: (error, request, reply) => {
      reply.headers(API_REPLY);
      sendError(error, request, reply);
    },
  });
  app.decorateRequest("holder", null);
  app.decorateRequest("refusal", null);
  app.setValidatorCompiler(compileValidator);
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", parseJson);
  app.addContentTypeParser("application/octet-stream", parseBytes);
  app.addHook("onRequest", createGuard(context));
  app.addHook("onResponse", async (request, reply) => {
    logRequest(context, request, reply);
    const { raw, body } = request;
    // One that was refused before a route read it.
    if (body instanceof Readable) body.destroy();
    if (!raw.complete) setTimeout(() => raw.complete || raw.destroy(), LEFTOVER_MS).unref();
  });
  app.setErrorHandler(sendError);
  app.setNotFoundHandler(() => {
    throw new ImpastoError("not-found", "The companion has nothing at this address.");
  });

  addPages(app, distFolder, () => `http://localhost:${context.address.port}`);
  const handlers: Handlers = {
    ...pairingRoutes(context),
    ...blobRoutes(context),
    ...jobRoutes(context),
    ...batchRoutes(context),
    ...machineRoutes(context),
    ...modelRoutes(context),
    ...learningRoutes(context),
    ...workRoutes(context),
  };
  for (const name of ROUTE_NAMES) addRoute(app, name, handlers);
  await app.ready();
  return app;
}

async function parseJson(request: FastifyRequest, payload: IncomingMessage): Promise<unknown> {
  // Some clients name the type of a body that they do not send; the guard saw that it is empty.
  if (request.routeOptions.config.route?.body === undefined) return undefined;
  return await readJson(payload, MAX_JSON_BYTES);
}

async function parseBytes(request: FastifyRequest, payload: IncomingMessage): Promise<Readable> {
  return meterBody(payload, request.routeOptions.config.route?.maxBytes ?? MAX_BLOB_BYTES);
}

function addRoute(app: FastifyInstance, name: RouteName, handlers: Handlers): void {
  const route: Route = ROUTES[name];
  // The table ties the handler to its schemas; here they are only put together.
  const handler = handlers[name] as (call: Call<unknown>) => unknown;
  app.route({
    method: route.method,
    url: route.path,
    config: { route },
    bodyLimit: mostBytes(route),
    schema: {
      ...(route.params && { params: route.params }),
      // Without fields of its own a route takes no query at all.
      querystring: route.query ?? { type: "object", additionalProperties: false, properties: {} },
      ...(route.body && route.body !== "bytes" && { body: route.body }),
    },
    handler: async (request, reply) => {
      const { params, query, body, holder } = request;
      const result = await handler({ params, query, body, holder, request, reply } as Call<unknown>);
      if (reply.sent) return reply;
      if (route.reply === "picture" || route.reply === "bytes") return sendPicture(reply, result as Bytes);
      if (route.reply === "nothing")
        return reply.code(reply.statusCode === 200 && name === "blobHead" ? 200 : 204).send();
      return result;
    },
  });
}

function sendPicture(reply: FastifyReply, { stream, bytes, contentType, notes = [] }: Bytes): FastifyReply {
  const { raw } = reply;
  raw.setTimeout(PICTURE_STALL_MS, () => raw.destroy());
  return reply
    .type(contentType)
    .headers({ "Content-Length": String(bytes), "Content-Disposition": "attachment" })
    .headers(notes.length === 0 ? {} : { [NOTES_HEADER]: wordNotes(notes) })
    .send(stream);
}

function logRequest({ log }: ServerContext, request: FastifyRequest, reply: FastifyReply): void {
  const { route } = request.routeOptions.config;
  // Panels ask for it every few seconds.
  if (route === ROUTES.health && reply.statusCode === 200) return;
  const { id: job } = (request.params ?? {}) as { id?: string };
  log.info(
    {
      request: request.id,
      method: request.method,
      route: route?.path ?? "none",
      ...(job !== undefined && reply.statusCode < 400 && { id: job }),
      ...(request.holder && { pairing: request.holder.id }),
      status: reply.statusCode,
      ...(request.refusal && { refusal: request.refusal }),
      ms: Math.round(reply.elapsedTime),
    },
    "request",
  );
}
