// Videos, read and written by ffmpeg where it is on the machine. It is given files alone: what a video names
// elsewhere is not fetched.

import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { makeFolder } from "../files.ts";
import { sharp } from "../pictures/codec.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { MAX_AREA_PX } from "../protocol/limits.ts";
import type { Frame, FrameSource } from "./frames.ts";

const READ_KINDS = [".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi"];
/** How each is written: the codec of its pictures and that of its sound. */
const CODECS: Record<string, readonly string[]> = {
  ".mp4": ["-c:v", "libx264", "-crf", "16", "-c:a", "aac", "-movflags", "+faststart"],
  ".m4v": ["-c:v", "libx264", "-crf", "16", "-c:a", "aac", "-movflags", "+faststart"],
  ".mov": ["-c:v", "libx264", "-crf", "16", "-c:a", "aac"],
  ".mkv": ["-c:v", "libx264", "-crf", "16", "-c:a", "aac"],
  ".webm": ["-c:v", "libvpx-vp9", "-crf", "20", "-b:v", "0", "-c:a", "libopus"],
};
/** Rates that are said rounded. */
const EXACT_RATES: Record<string, string> = {
  "23.98": "24000/1001",
  "29.97": "30000/1001",
  "47.95": "48000/1001",
  "59.94": "60000/1001",
  "119.88": "120000/1001",
};
const FILES_ONLY = ["-protocol_whitelist", "file"];
const QUIET = ["-v", "error", "-nostdin"];
/** Of what ffmpeg complains, the end. */
const MAX_COMPLAINT = 2_000;

export function isVideo(path: string): boolean {
  return READ_KINDS.includes(extname(path).toLowerCase());
}

export function isVideoOutput(path: string): boolean {
  return Object.hasOwn(CODECS, extname(path).toLowerCase());
}

export interface Video extends FrameSource {
  path: string;
  /** Frames a second, as ffmpeg takes it. */
  rate: string;
}

/** @throws ImpastoError where there is no ffmpeg, or the file is no video */
export async function openVideo(path: string): Promise<Video> {
  const absolute = resolve(path);
  const description = await describe(absolute);
  const stream = /Stream #.*Video:.*/.exec(description)?.[0] ?? "";
  const said = /([\d.]+) fps/.exec(stream)?.[1] ?? /([\d.]+) tbr/.exec(stream)?.[1];
  if (said === undefined || !(Number(said) > 0)) {
    throw new ImpastoError("bad-picture", `${basename(path)} holds no moving picture that ffmpeg can read.`, {
      hint: "Give another file, or the frames as pictures.",
      cause: new Error(description.slice(-MAX_COMPLAINT)),
    });
  }
  const rate = EXACT_RATES[said] ?? said;
  const [, hours, minutes, seconds] = /Duration: (\d+):(\d+):([\d.]+)/.exec(description) ?? [];
  const length = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  let identity: Promise<string> | undefined;
  return {
    path: absolute,
    rate,
    total: Number.isFinite(length) ? Math.max(1, Math.round(length * Number(said))) : null,
    identity: () => (identity ??= hashOf(absolute)),
    frames: (first) => decodedFrames(absolute, rate, first),
  };
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

/** A video of the folder's pictures 000001.png, 000002.png …, with the sound of `sound` where it has any. */
export async function writeVideo(folder: string, rate: string, sound: string | null, out: string): Promise<void> {
  const extension = extname(out).toLowerCase();
  const target = resolve(out);
  makeFolder(dirname(target));
  const unfinished = join(dirname(target), `.${basename(target, extension)}.unfinished${extension}`);
  const { process: ffmpeg, failure } = start(
    [
      ...[...QUIET, "-y", "-framerate", rate, "-i", "%06d.png"],
      ...(sound === null ? [] : [...FILES_ONLY, "-i", sound, "-map", "0:v:0", "-map", "1:a?"]),
      // Players want even sides and colors at half the resolution.
      ...["-vf", "crop=trunc(iw/2)*2:trunc(ih/2)*2", "-pix_fmt", "yuv420p", ...(CODECS[extension] ?? []), unfinished],
    ],
    folder,
  );
  ffmpeg.stdout?.resume();
  try {
    const complaint = await failure;
    if (complaint !== null) {
      throw new ImpastoError("file-not-writable", `ffmpeg could not write ${basename(out)}.`, {
        hint: `The painted frames are kept in ${folder}.`,
        cause: new Error(complaint),
      });
    }
    await rename(unfinished, target);
  } finally {
    await rm(unfinished, { force: true });
  }
}

/** @throws ImpastoError where there is no ffmpeg: before hours of painting, not after */
export async function requireFfmpeg(): Promise<void> {
  const { process: ffmpeg, failure } = start(["-version"]);
  ffmpeg.stdout?.resume();
  await failure;
}

/** What ffmpeg says of a file; it says so as an error, since nothing is to be written. */
async function describe(path: string): Promise<string> {
  const { process: ffmpeg, failure } = start(["-hide_banner", "-nostdin", ...FILES_ONLY, "-i", path]);
  ffmpeg.stdout?.resume();
  return (await failure) ?? "";
}

async function* decodedFrames(path: string, rate: string, first: number): AsyncGenerator<Frame> {
  const stem = basename(path, extname(path));
  const { process: ffmpeg, failure } = start([
    ...[...QUIET, ...FILES_ONLY, "-i", path, "-map", "0:v:0", "-r", rate],
    ...["-f", "image2pipe", "-c:v", "ppm", "-pix_fmt", "rgb24", "pipe:1"],
  ]);
  let ended = false;
  try {
    let index = 0;
    for await (const { width, height, rgb } of readPpms(ffmpeg.stdout as Readable)) {
      if (index++ < first) continue;
      const sha256 = createHash("sha256").update(rgb).digest("hex");
      const png = sharp(rgb, { raw: { width, height, channels: 3 } }).png({ compressionLevel: 0 });
      yield { name: `${stem}-${String(index).padStart(6, "0")}.png`, bytes: await png.toBuffer(), sha256 };
    }
    ended = true;
    const complaint = await failure;
    if (complaint !== null) {
      throw new ImpastoError("bad-picture", `${basename(path)} could not be read to its end.`, {
        hint: "The frames before that are done.",
        cause: new Error(complaint),
      });
    }
  } finally {
    if (!ended) ffmpeg.kill("SIGKILL");
    await failure.catch(() => null);
  }
}

interface Ppm {
  width: number;
  height: number;
  rgb: Buffer;
}

/** Pictures one after another: "P6", width, height and 255 in letters, then the pixels. */
export async function* readPpms(stream: AsyncIterable<Buffer>): AsyncGenerator<Ppm> {
  const chunks = stream[Symbol.asyncIterator]();
  let buffer: Buffer = Buffer.alloc(0);
  const fill = async (bytes: number): Promise<boolean> => {
    const parts = [buffer];
    let length = buffer.length;
    while (length < bytes) {
      const { value, done } = await chunks.next();
      if (done) break;
      parts.push(value);
      length += value.length;
    }
    buffer = parts.length === 1 ? buffer : Buffer.concat(parts, length);
    return length >= bytes;
  };
  const damaged = () => new ImpastoError("bad-picture", "ffmpeg gave something else than pictures.");
  for (;;) {
    const more = await fill(MAX_PPM_HEADER);
    if (!more && buffer.length === 0) return;
    const header = /^P6\s+(\d+)\s+(\d+)\s+255\s/.exec(buffer.toString("latin1", 0, MAX_PPM_HEADER));
    if (header === null) throw damaged();
    const [width, height] = [Number(header[1]), Number(header[2])];
    if (width * height > MAX_AREA_PX) {
      throw new ImpastoError("picture-too-large", `The video has ${width} × ${height} px, and that is too large.`);
    }
    const end = header[0].length + 3 * width * height;
    if (!(await fill(end))) throw damaged();
    yield { width, height, rgb: buffer.subarray(header[0].length, end) };
    buffer = buffer.subarray(end);
  }
}

const MAX_PPM_HEADER = 32;

/** `failure`: what it complained of where it failed, null where it did not. */
function start(args: readonly string[], cwd?: string): { process: ChildProcess; failure: Promise<string | null> } {
  const ffmpeg = spawn("ffmpeg", args, { stdio: ["ignore", "pipe", "pipe"], ...(cwd !== undefined && { cwd }) });
  let complaint = "";
  ffmpeg.stderr.on("data", (data: Buffer) => {
    complaint = (complaint + data.toString()).slice(-MAX_COMPLAINT * 4);
  });
  const failure = new Promise<string | null>((settle, fail) => {
    ffmpeg.on("error", (cause) => fail(noFfmpeg(cause)));
    ffmpeg.on("close", (code) => settle(code === 0 ? null : complaint));
  });
  // Whoever reads the frames may not have come to it yet.
  failure.catch(() => {});
  return { process: ffmpeg, failure };
}

function noFfmpeg(cause: Error): ImpastoError {
  return new ImpastoError("bad-request", "Videos are read and written by ffmpeg, which is not on this machine.", {
    hint: "Install it (ffmpeg.org), or give the frames as pictures and a folder for the results.",
    cause,
  });
}
