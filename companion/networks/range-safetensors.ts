// Fetches only some tensors of a large safetensors file: the header first, then the byte ranges that hold them.
// A server without Range support is read as a stream, of which everything else is dropped.

import { type DownloadRequest, MAX_BYTES } from "./download.ts";
import { type Opened, openUrl } from "./http.ts";
import { PartFile } from "./part-file.ts";
import { retry, TransientError } from "./patience.ts";
import { badFile, headerLength, parseHeader, type SafetensorsHeader, type TensorInfo } from "./safetensors.ts";

export interface TensorRequest extends DownloadRequest {
  /** Names to fetch, chosen by what the header lists. */
  choose: (header: SafetensorsHeader) => readonly string[];
}

export interface FetchedTensors {
  metadata: Readonly<Record<string, string>>;
  /** Positions are those in the part file. */
  tensors: ReadonlyMap<string, TensorInfo>;
}

interface Span {
  begin: number;
  /** Exclusive; both are offsets into the source file. */
  end: number;
}

interface Plan extends FetchedTensors {
  spans: readonly Span[];
  totalBytes: number;
}

/** Covers the header of every VGG19 file in one request. */
const FIRST_BYTES = 65_536;

/** Throws ImpastoError as downloadFile does, and bad-network when a tensor is missing. */
export async function downloadTensors(request: TensorRequest): Promise<FetchedTensors> {
  const part = await PartFile.open(request.partPath);
  try {
    const { transport, onRetry } = request;
    const hooks = { signal: transport.signal, onRetry };
    return await retry(
      () => attempt(request, part),
      () => part.size,
      transport.patience,
      hooks,
    );
  } finally {
    await part.close();
  }
}

async function attempt(request: TensorRequest, part: PartFile): Promise<FetchedTensors> {
  const { url, transport } = request;
  const opened = await openUrl(url, transport, { begin: 0, end: FIRST_BYTES });
  if (opened.kind === "whole") return streamTensors(request, part, opened);
  if (opened.begin !== 0) throw new TransientError("the server sent another range than was asked for");
  const header = await readHeader(request, opened);
  const plan = planSpans(header, request.choose(header), opened.totalBytes);
  await prepare(request, part, plan, opened.validator, true);
  await fetchSpans(request, part, plan, opened.validator);
  return plan;
}

async function readHeader({ url, transport }: TensorRequest, opened: Opened): Promise<SafetensorsHeader> {
  let start = await collect(opened, FIRST_BYTES);
  const length = headerLength(start);
  if (start.byteLength < length) {
    const rest = await openUrl(url, transport, { begin: start.byteLength, end: length }, opened.validator);
    if (rest.kind !== "range") throw new TransientError("the file changed while it was read");
    start = Buffer.concat([start, await collect(rest, length)]);
  }
  if (start.byteLength < length) throw new TransientError("the connection broke");
  return parseHeader(start);
}

/** The body, but no more than was asked for. */
async function collect(opened: Opened, limitBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of opened.body) {
    chunks.push(chunk);
    bytes += chunk.byteLength;
    if (bytes >= limitBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, limitBytes);
}

/** The chosen tensors in the file's order; neighbors become one span. */
function planSpans(header: SafetensorsHeader, names: readonly string[], fileBytes: number | null): Plan {
  if (fileBytes !== null && fileBytes !== header.bodyOffset + header.bodyBytes) {
    throw badFile(`it has ${fileBytes} bytes, where its header describes ${header.bodyOffset + header.bodyBytes}`);
  }
  const chosen = names.map((name): [string, TensorInfo] => {
    const info = header.tensors.get(name);
    if (info === undefined) throw badFile(`${name} is missing`);
    return [name, info];
  });
  chosen.sort((a, b) => a[1].begin - b[1].begin);
  const spans: Span[] = [];
  const tensors = new Map<string, TensorInfo>();
  let position = 0;
  for (const [name, info] of chosen) {
    const begin = header.bodyOffset + info.begin;
    const end = header.bodyOffset + info.end;
    const last = spans.at(-1);
    if (last !== undefined && last.end === begin) last.end = end;
    else spans.push({ begin, end });
    tensors.set(name, { ...info, begin: position, end: position + end - begin });
    position += end - begin;
  }
  if (position > MAX_BYTES) throw badFile(`its tensors would fill ${position} bytes`);
  return { metadata: header.metadata, tensors, spans, totalBytes: position };
}

/** Keeps what an earlier attempt brought when it is the same version and selection, else begins anew. */
async function prepare(
  { url }: TensorRequest,
  part: PartFile,
  plan: Plan,
  validator: string | null,
  resumable: boolean,
): Promise<void> {
  const selection = plan.spans.map(({ begin, end }) => `${begin}-${end}`).join();
  const known = part.identity;
  const same = known?.url === url && known.selection === selection && known.validator === validator;
  if (resumable && same && validator !== null && part.size <= plan.totalBytes) return;
  await part.restart({ url, validator, selection, totalBytes: plan.totalBytes });
}

async function fetchSpans(request: TensorRequest, part: PartFile, plan: Plan, validator: string | null): Promise<void> {
  const { url, transport, meter } = request;
  meter(part.size, plan.totalBytes);
  let spanStart = 0; // position of the span in the part file
  for (const { begin, end } of plan.spans) {
    const done = part.size - spanStart;
    spanStart += end - begin;
    if (done >= end - begin) continue;
    const opened = await openUrl(url, transport, { begin: begin + done, end }, validator);
    if (opened.kind !== "range" || opened.begin !== begin + done) {
      await part.restart({ url, validator: null, selection: "", totalBytes: null });
      throw new TransientError("the file changed while it was read");
    }
    for await (const chunk of opened.body) {
      await part.append(chunk.subarray(0, spanStart - part.size));
      meter(part.size, plan.totalBytes);
    }
    if (part.size < spanStart) throw new TransientError("the connection broke");
  }
}

/** Reads the body from its first byte, keeps the chosen tensors and hangs up after the last of them. */
async function streamTensors(request: TensorRequest, part: PartFile, opened: Opened): Promise<FetchedTensors> {
  let start: Uint8Array = new Uint8Array(0);
  let plan: Plan | null = null;
  let offset = 0;
  let span = 0;
  for await (const received of opened.body) {
    let chunk = received;
    if (plan === null) {
      start = Buffer.concat([start, chunk]);
      if (start.byteLength < 8 || start.byteLength < headerLength(start)) continue;
      const header = parseHeader(start);
      plan = planSpans(header, request.choose(header), opened.totalBytes);
      await prepare(request, part, plan, opened.validator, false);
      chunk = start;
    }
    for (let next = plan.spans[span]; next !== undefined; next = plan.spans[span]) {
      const from = Math.max(next.begin - offset, 0);
      const to = Math.min(next.end - offset, chunk.byteLength);
      if (from < to) await part.append(chunk.subarray(from, to));
      if (next.end - offset > chunk.byteLength) break;
      span++;
    }
    offset += chunk.byteLength;
    request.meter(part.size, plan.totalBytes);
    if (span === plan.spans.length) return plan;
  }
  throw new TransientError("the connection broke");
}
