// Opens the built plugin in QuickJS beside a stand-in document, and plays its panel.

import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import sharp from "sharp";
import { afterEach, expect } from "vitest";
import type { ErrorBody } from "../../companion/protocol/errors.ts";
import type { LayerRecipe, Selection } from "../../companion/protocol/host/layer-types.ts";
import {
  type FromPlugin,
  type InsertedResult,
  type PluginRequest,
  parseFromPlugin,
  type Tile,
} from "../../companion/protocol/host/messages.ts";
import { pluginTarget } from "../../plugin/build.mjs";
import type { OpenOptions } from "../hosts/figma/inside.ts";
import { type PluginVm, startPluginVm } from "../hosts/figma/quickjs.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

let built: Promise<string> | undefined;

/** dist/code.js as the build makes it. */
export function pluginCode(): Promise<string> {
  built ??= build({ ...pluginTarget(), bundle: true, write: false, absWorkingDir: ROOT, legalComments: "none" }).then(
    ({ outputFiles }) => outputFiles?.[0]?.text as string,
  );
  return built;
}

export interface OpenPlugin {
  vm: PluginVm;
  /** The value of the answer; throws a Refusal. */
  ask<T = unknown>(request: PluginRequest): Promise<T>;
  /** Everything the plugin has posted, parsed as the panel parses it. */
  posted: FromPlugin[];
  /** The latest selection the plugin told. */
  selection(): Selection;
}

/** What the plugin answered instead of a value. */
export class Refusal extends Error {
  readonly body: ErrorBody;
  constructor(body: ErrorBody) {
    super(body.message);
    this.body = body;
  }
}

const open: PluginVm[] = [];
afterEach(() => {
  for (const vm of open.splice(0)) vm.dispose();
});

/** The plugin after the panel's "start"; ends with the test. */
export async function openPlugin(options: OpenOptions = {}): Promise<OpenPlugin & { started: unknown }> {
  const posted: FromPlugin[] = [];
  const waiting = new Map<number, (message: FromPlugin) => void>();
  const vm = await startPluginVm(await pluginCode(), {
    onEvent(event) {
      if (event.type !== "post") return;
      const message = parseFromPlugin(event.message);
      if (message === null) throw new Error(`no message of the plugin's: ${JSON.stringify(event.message)}`);
      posted.push(message);
      if (message.type === "selection") return;
      waiting.get(message.id)?.(message);
      waiting.delete(message.id);
    },
  });
  open.push(vm);
  await vm.open(options);
  let lastId = 0;
  async function ask<T>(request: PluginRequest): Promise<T> {
    lastId += 1;
    const id = lastId;
    const answer = new Promise<FromPlugin>((resolve) => waiting.set(id, resolve));
    await vm.fromPanel({ type: "request", id, request });
    const message = await answer;
    if (message.type === "refusal") throw new Refusal(message.error);
    return (message as FromPlugin & { type: "answer" }).value as T;
  }
  const started = await ask({ kind: "start" });
  await settled();
  const selection = (): Selection => {
    const last = posted.findLast((message) => message.type === "selection");
    if (last === undefined) throw new Error("the plugin told no selection");
    return last.selection;
  };
  return { vm, ask, posted, selection, started };
}

/** Lets messages arrive that the plugin posted just now. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** The refusal of a request; fails when there is none. Every word in it is for a designer. */
export async function refusalOf(asked: Promise<unknown>): Promise<ErrorBody> {
  const refusal: unknown = await asked.then(
    (value) => value,
    (error: unknown) => error,
  );
  expect(refusal).toBeInstanceOf(Refusal);
  const { body } = refusal as Refusal;
  expect(body.message).not.toMatch(/undefined|\[object|Error:|in \w+:|TypeError|null/);
  expect(body.message).toMatch(/^\S.*\.$/);
  return body;
}

export interface PictureOptions {
  width: number;
  height: number;
  format?: "png" | "jpeg" | "gif";
  background?: string;
}

/** A picture whose four quarters differ: red, green / blue, white, so that turns and flips show. */
export async function quarters({ width, height, format = "png" }: PictureOptions): Promise<Uint8Array> {
  const [w, h] = [width / 2, height / 2];
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="${width}" height="${height}" fill="#fff"/>` +
    `<rect width="${w}" height="${h}" fill="#f00"/><rect x="${w}" width="${w}" height="${h}" fill="#0f0"/>` +
    `<rect y="${h}" width="${w}" height="${h}" fill="#00f"/></svg>`;
  return new Uint8Array(await sharp(Buffer.from(svg)).toFormat(format).toBuffer());
}

/** A picture of one color. */
export async function plain({ width, height, background = "#808080" }: PictureOptions): Promise<Uint8Array> {
  const picture = sharp({ create: { width, height, channels: 3, background }, limitInputPixels: false });
  return new Uint8Array(await picture.png({ compressionLevel: 1 }).toBuffer());
}

/** [r, g, b, a] at a place given as fractions of the sides. */
export async function pixelAt(bytes: Uint8Array, x: number, y: number): Promise<number[]> {
  const { data, info } = await sharp(bytes).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  const at = (Math.floor(y * info.height) * info.width + Math.floor(x * info.width)) * 4;
  return [...data.subarray(at, at + 4)];
}

export const RECIPE: LayerRecipe = {
  version: 1,
  contentId: "content",
  contentName: "Harbor",
  styleId: null,
  styleName: "Waves",
  styleKey: "key",
  moreStyles: [],
  masks: [],
  keepText: false,
  settings: { strength: 60 },
};

/** A result of one tile for a layer. */
export async function resultFor(contentId: string, change: Partial<InsertedResult> = {}): Promise<InsertedResult> {
  const { width = 40, height = 20 } = change;
  const tile: Tile = { x: 0, y: 0, width, height, bytes: await quarters({ width, height }) };
  return {
    contentId,
    name: "Harbor / Waves",
    width,
    height,
    tiles: [tile],
    recipe: { ...RECIPE, contentId },
    ...change,
  };
}
