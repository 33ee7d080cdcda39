// Checks requests against the schemas of the protocol, with the settings table's own words where it has them. What an
// older client says is put into today's form first.

import type { FastifySchemaCompiler } from "fastify";
import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { ImpastoError } from "../protocol/errors.ts";
import { upgradePictures } from "../protocol/request-schema.ts";
import { parsePartialSettings } from "../protocol/settings.ts";

/** For setValidatorCompiler: nothing else is coerced, filled in or removed. */
export const compileValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const validator = Compile(schema);
  return (given: unknown) => {
    try {
      const value = httpPart === "body" ? upgradePictures(given) : given;
      if (httpPart === "body") checkSettings(value);
      if (validator.Check(value)) return { value };
      const [first] = validator.Errors(value);
      return { error: refusal(httpPart ?? "request", first?.instancePath ?? "", first?.message ?? "is not valid") };
    } catch (error) {
      return { error: error as Error };
    }
  };
};

function checkSettings(body: unknown): void {
  if (typeof body === "object" && body !== null && Object.hasOwn(body, "settings")) {
    parsePartialSettings((body as { settings: unknown }).settings);
  }
}

function refusal(part: string, path: string, message: string): ImpastoError {
  // An address whose id cannot exist is an address with nothing there.
  if (part === "params") return new ImpastoError("not-found", "The companion has nothing at this address.");
  const where = path.replaceAll("/", ".").replace(/^\./, "").slice(0, 100);
  return new ImpastoError("bad-request", `In the ${part}${where && `, ${where}`}: ${message}.`);
}
