// A bucket of an S3 store between companion and workers: files by their hashes below one prefix. It is a shortcut and
// no store: what it lacks, loses or damages goes over HTTP. Endpoint, region and credentials are AWS's own variables.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { S3Client } from "@aws-sdk/client-s3";
import { ImpastoError } from "../protocol/errors.ts";

/** Where it was asked for by no flag. */
export const BUCKET_VARIABLE = "IMPASTO_BLOBS";

const FORM = "s3://bucket/prefix";
/** A store that accepts no connection, or says nothing, for so long is not waited for. */
const CONNECT_MS = 5_000;
const SILENCE_MS = 30_000;

export interface BucketAddress {
  bucket: string;
  /** "" or with a slash at its end. */
  prefix: string;
  /** As it was given, without what does not count: companion and worker mean the same where this is the same. */
  shown: string;
}

export interface Bucket {
  readonly shown: string;
  /** A file of at most `maxBytes` with this hash, or null where there is none. Throws what the store says. */
  get(sha256: string, maxBytes: number): Promise<Uint8Array | null>;
  /** [async] From a file or from memory. Throws what the store says. */
  put(sha256: string, from: string | Uint8Array): Promise<void>;
  remove(sha256: string): Promise<void>;
  close(): void;
}

/** Throws ImpastoError("bad-request"). */
export function parseBucketAddress(text: string): BucketAddress {
  const [, bucket, path = ""] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(text) ?? [];
  const parts = path.split("/").filter((part) => part !== "");
  if (bucket === undefined || !parts.every((part) => /^[\w.-]{1,100}$/.test(part) && !/^\.+$/.test(part))) {
    throw new ImpastoError("bad-request", `Expected ${FORM} for --blobs but received ${text.slice(0, 200)}.`, {
      hint: "Endpoint and credentials stand in AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
    });
  }
  return { bucket, prefix: parts.map((part) => `${part}/`).join(""), shown: ["s3:/", bucket, ...parts].join("/") };
}

/** Writes to it once, so that a wrong name or key is told at the start. Throws ImpastoError("bad-request"). */
export async function openBucket({ bucket, prefix, shown }: BucketAddress): Promise<Bucket> {
  // Of Node 20 it says that its own next versions will not run there.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  const { S3Client, GetObjectCommand, PutObjectCommand, DeleteObjectCommand } = await import("@aws-sdk/client-s3");
  const client = new S3Client({
    ...ownStore(),
    // Every file has its SHA-256 for a name, and not every store knows the checksums that are AWS's default.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: { connectionTimeout: CONNECT_MS, socketTimeout: SILENCE_MS },
  });
  const at = (name: string) => ({ Bucket: bucket, Key: `${prefix}${name}` });

  async function write(name: string, from: string | Uint8Array): Promise<void> {
    const file =
      typeof from === "string"
        ? { Body: createReadStream(from), ContentLength: (await stat(from)).size }
        : { Body: from };
    await client.send(new PutObjectCommand({ ...at(name), ...file }));
  }

  await write("impasto", new Uint8Array()).catch((error: unknown) => {
    client.destroy();
    throw refused(shown, error);
  });
  return {
    shown,
    put: write,
    async get(sha256, maxBytes) {
      try {
        const { Body, ContentLength } = await client.send(new GetObjectCommand(at(sha256)));
        if (Body === undefined || ContentLength === undefined || ContentLength > maxBytes) return null;
        const bytes = await Body.transformToByteArray();
        return createHash("sha256").update(bytes).digest("hex") === sha256 ? bytes : null;
      } catch (error) {
        if (error instanceof Error && error.name === "NoSuchKey") return null;
        throw error;
      }
    },
    async remove(sha256) {
      await client.send(new DeleteObjectCommand(at(sha256)));
    },
    close: () => client.destroy(),
  };
}

/** Stores other than AWS's have one address for all buckets, and a region only because the signature has one. */
function ownStore(): Partial<ConstructorParameters<typeof S3Client>[0]> {
  const { AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS_REGION } = process.env;
  if ((AWS_ENDPOINT_URL_S3 ?? AWS_ENDPOINT_URL) === undefined) return {};
  return { forcePathStyle: true, region: AWS_REGION ?? "us-east-1" };
}

function refused(shown: string, cause: unknown): ImpastoError {
  const { code, name } = cause as NodeJS.ErrnoException;
  return new ImpastoError("bad-request", `The bucket ${shown} cannot be written to (${code ?? name}).`, {
    hint: "Check its name, AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
    cause,
  });
}
