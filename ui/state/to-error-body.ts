// Whatever was thrown, as the one shape that the panel shows.

import { type ErrorBody, ImpastoError } from "../../companion/protocol/errors.ts";

export function toErrorBody(cause: unknown): ErrorBody {
  if (cause instanceof ImpastoError) return cause.toBody();
  console.error(cause);
  return { code: "internal", message: "Something went wrong in the panel.", hint: "Try once more." };
}
