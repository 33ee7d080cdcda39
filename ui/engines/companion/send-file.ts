// A file on its way to the companion, as fetch would send it, and with a word on how far it is: that only XMLHttpRequest
// tells. The browser reads the file from the disk as it goes.

import type { FileToSend } from "../../../companion/protocol/client.ts";

export interface SendOptions {
  method: string;
  headers: Readonly<Record<string, string>>;
  signal: AbortSignal;
}

/** Rejects as fetch does: when nothing answers, and when the signal aborts. */
export function sendFile(url: string, { content, onSent }: FileToSend, options: SendOptions): Promise<Response> {
  const { method, headers, signal } = options;
  const request = new XMLHttpRequest();
  let abort = (): void => undefined;
  return new Promise<Response>((resolve, reject) => {
    abort = () => {
      request.abort();
      reject(new DOMException("The upload was given up.", "AbortError"));
    };
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => onSent(loaded / Math.max(1, total));
    request.upload.onload = () => onSent(1);
    request.onload = () => resolve(new Response(request.responseText, { status: request.status }));
    request.onerror = () => reject(new TypeError("The connection broke."));
    signal.addEventListener("abort", abort);
    if (signal.aborted) abort();
    else request.send(content as File);
  }).finally(() => signal.removeEventListener("abort", abort));
}
