// As much of an S3 store as the bucket asks of one: objects are put, had and removed by a key that is signed for
// (Signature Version 4, docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).

import { createHash, createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

export interface S3Server {
  /** What AWS's own variables have to say to reach it. */
  env: Record<string, string>;
  /** By bucket and key, as in the address. */
  objects: Map<string, Buffer>;
  /** "PUT /bucket/key", in order. */
  asked: string[];
  /** Refuses everything from now on. */
  break(): void;
  stop(): Promise<void>;
}

const KEY = "impasto-tests";
const SECRET = "a-secret-of-no-worth";
const REGION = "studio-1";

export async function startS3(bucket: string): Promise<S3Server> {
  const objects = new Map<string, Buffer>();
  const asked: string[] = [];
  let isBroken = false;

  async function answer(request: IncomingMessage): Promise<[number, Buffer | string]> {
    const body = await buffer(request);
    const path = (request.url ?? "").replace(/\?.*$/, "");
    asked.push(`${request.method} ${path}`);
    if (isBroken) return [503, problem("ServiceUnavailable")];
    if (request.headers.authorization !== authorization(request, body)) return [403, problem("SignatureDoesNotMatch")];
    if (!path.startsWith(`/${bucket}/`)) return [404, problem("NoSuchBucket")];
    if (request.method === "PUT") objects.set(path, body);
    if (request.method === "DELETE") {
      objects.delete(path);
      return [204, ""];
    }
    const found = objects.get(path);
    return found === undefined ? [404, problem("NoSuchKey")] : [200, request.method === "GET" ? found : ""];
  }

  const server = createServer((request, response) => {
    void answer(request).then(([status, body]) =>
      response.writeHead(status, { "Content-Length": body.length }).end(body),
    );
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    env: {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: KEY,
      AWS_SECRET_ACCESS_KEY: SECRET,
    },
    objects,
    asked,
    break() {
      isBroken = true;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function problem(code: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`;
}

/** The header that whoever has the secret sends. */
function authorization({ method, url = "", headers }: IncomingMessage, body: Buffer): string {
  const [path = "", query = ""] = url.split("?");
  const signed = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? "")?.[1] ?? "";
  const lines = signed.split(";").map((name) => `${name}:${String(headers[name] ?? "").trim()}\n`);
  const told = String(headers["x-amz-content-sha256"]);
  const hash = told === "UNSIGNED-PAYLOAD" ? told : sha256(body);
  const canonical = [method, path, query.split("&").sort().join("&"), lines.join(""), signed, hash].join("\n");
  const time = String(headers["x-amz-date"]);
  const scope = [time.slice(0, 8), REGION, "s3", "aws4_request"];
  const key = scope.reduce<string | Buffer>((from, word) => hmac(from, word), `AWS4${SECRET}`);
  const text = ["AWS4-HMAC-SHA256", time, scope.join("/"), sha256(canonical)].join("\n");
  const credential = [KEY, ...scope].join("/");
  return `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${signed}, Signature=${hmac(key, text).toString("hex")}`;
}

const sha256 = (data: string | Buffer): string => createHash("sha256").update(data).digest("hex");
const hmac = (key: string | Buffer, data: string): Buffer => createHmac("sha256", key).update(data).digest();
