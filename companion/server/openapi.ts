// The route table as an OpenAPI 3.1 document.

import { IDEMPOTENCY_KEY_PATTERN, ROUTES, type Route } from "../protocol/api.ts";
import { ERROR_CODES } from "../protocol/errors.ts";
import { PROTOCOL_VERSION } from "../protocol/ports.ts";
import { ErrorSchema } from "../protocol/schemas.ts";

export function openApi(): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const [name, route] of Object.entries<Route>(ROUTES)) {
    const path = route.path.replace(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(name, route) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Impasto's companion",
      version: String(PROTOCOL_VERSION),
      description: `Neural style transfer on this machine. Errors have one shape; their codes: ${ERROR_CODES.join(", ")}.`,
    },
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer" }, session: { type: "http", scheme: "bearer" } },
      schemas: { Error: ErrorSchema },
    },
    paths,
  };
}

function operation(operationId: string, route: Route): object {
  const body = route.body === "bytes" ? { "application/octet-stream": {} } : json(route.body);
  return {
    operationId,
    summary: route.summary,
    security: security(route.access),
    parameters: [
      ...parameters("path", route.params),
      ...parameters("query", route.query),
      ...(route.idempotent
        ? [
            {
              name: "Idempotency-Key",
              in: "header",
              required: true,
              schema: { type: "string", pattern: IDEMPOTENCY_KEY_PATTERN },
            },
          ]
        : []),
    ],
    ...(route.body && { requestBody: { required: true, content: body } }),
    responses: {
      "2XX": success(route.reply),
      default: { description: "Refused.", content: json({ $ref: "#/components/schemas/Error" }) },
    },
  };
}

function security(access: Route["access"]): object[] {
  if (access === "none") return [];
  return access === "token" ? [{ token: [] }] : [{ session: [access] }];
}

function success(reply: Route["reply"]): object {
  if (reply === "nothing") return { description: "Done." };
  if (reply === "bytes") return { description: "Bytes.", content: { "application/octet-stream": {} } };
  if (reply === "picture") return { description: "A picture.", content: { "image/png": {}, "image/jpeg": {} } };
  if ("json" in reply) return { description: "Done.", content: json(reply.json) };
  return { description: "One JSON value a line.", content: { "application/x-ndjson": { schema: reply.ndjson } } };
}

function json(schema: unknown): object {
  return { "application/json": { schema } };
}

function parameters(where: "path" | "query", schema: unknown): object[] {
  const { properties = {}, required = [] } = (schema ?? {}) as {
    properties?: Record<string, object>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, property]) => {
    return { name, in: where, required: required.includes(name), schema: property };
  });
}
