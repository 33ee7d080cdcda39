// Every way in which Impasto says no: one closed list of codes and one shape, on every border
// (CLI, HTTP, child process, addon, panel).

export const ERROR_CODES = [
  // what the user gave
  "bad-request",
  "bad-setting",
  "bad-picture",
  "picture-too-large",
  "unsupported-picture",
  "bad-network",
  "layer-missing",
  "file-not-found",
  "file-not-readable",
  "file-not-writable",
  // what the machine lacks
  "addon-missing",
  "onnxruntime-missing",
  "platform-unsupported",
  "out-of-memory",
  "out-of-threads",
  "disk-full",
  "port-taken",
  // devices
  "no-gpu",
  "gpu-lost",
  "gpu-out-of-memory",
  "provider-missing",
  // networks on demand
  "network-unknown",
  "network-missing",
  "download-failed",
  "hash-mismatch",
  // the wire
  "unauthorized",
  "pairing-closed",
  "pairing-failed",
  "forbidden",
  "not-found",
  "method-not-allowed",
  "conflict",
  "rate-limited",
  "unsupported-media-type",
  "payload-too-large",
  "version-mismatch",
  "companion-unreachable",
  "blocked-by-browser",
  "busy",
  // jobs
  "cancelled",
  "engine-crashed",
  "internal",
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** The one shape that crosses a border. `message` says what happened, `hint` what to do about it. */
export interface ErrorBody {
  code: ErrorCode;
  message: string;
  hint?: string;
}

/** An error meant for a person; `cause` keeps the technical side for --verbose. */
export class ImpastoError extends Error {
  override readonly name = "ImpastoError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: { hint?: string | undefined; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }

  /** As it was before it crossed a border. */
  static fromBody({ code, message, hint }: ErrorBody): ImpastoError {
    return new ImpastoError(code, message, { hint });
  }

  toBody(): ErrorBody {
    return this.hint === undefined
      ? { code: this.code, message: this.message }
      : { code: this.code, message: this.message, hint: this.hint };
  }
}

/** Null for what is no error of ours; unknown fields are left out. */
export function parseErrorBody(value: unknown): ErrorBody | null {
  if (typeof value !== "object" || value === null || !("code" in value) || !("message" in value)) return null;
  const { code, message } = value;
  if (!isErrorCode(code) || typeof message !== "string") return null;
  return { code, message, ...("hint" in value && typeof value.hint === "string" && { hint: value.hint }) };
}

/** Of what the next try may not meet any more. */
const PASSING: readonly ErrorCode[] = ["busy", "rate-limited", "companion-unreachable"];

/** `also`: codes of what passes where it is asked. */
export function isPassing(error: unknown, ...also: ErrorCode[]): error is ImpastoError {
  return error instanceof ImpastoError && [...PASSING, ...also].includes(error.code);
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === "string" && (ERROR_CODES as readonly string[]).includes(value);
}

const ABOUT_FILES: readonly ErrorCode[] = [
  "bad-picture",
  "unsupported-picture",
  "picture-too-large",
  "file-not-found",
  "file-not-readable",
];

/** What `work` gives, or what is wrong with its file: of many the next one may do. Rejects with what the machine lacks. */
export async function orFileProblem<T>(work: () => Promise<T>): Promise<T | ImpastoError> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ImpastoError && ABOUT_FILES.includes(error.code)) return error;
    throw error;
  }
}
