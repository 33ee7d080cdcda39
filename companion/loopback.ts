// Requests to this machine itself. Node's own fetch asks a proxy where NODE_USE_ENV_PROXY or a library in the process
// says so, and a proxy takes 127.0.0.1 for itself; an agent of one's own goes straight.

import { Agent, request } from "node:http";
import { Readable } from "node:stream";

export interface LoopbackRequest {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  signal?: AbortSignal;
}

const straight = new Agent();

/** As fetch, for http and without redirects; the connection's failure rejects. */
export function fetchLoopback(url: string, { method, headers, body, signal }: LoopbackRequest = {}): Promise<Response> {
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      agent: straight,
      ...(method && { method }),
      ...(headers && { headers }),
      ...(signal && { signal }),
    });
    sent.on("error", reject);
    sent.on("response", (message) => {
      const { statusCode: status = 0 } = message;
      const isBare = status === 204 || status === 304;
      if (isBare) message.resume();
      const stream = isBare ? null : (Readable.toWeb(message) as ReadableStream<Uint8Array>);
      resolve(new Response(stream, { status }));
    });
    sent.end(body);
  });
}
