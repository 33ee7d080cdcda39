// Checks of what callers hand to the binding: a TypeError or RangeError that names the argument,
// what was expected and what came.

import type { Picture } from "../../companion/protocol/engine.ts";
import { isLayer } from "../../companion/protocol/layers.ts";
import { MAX_SIDE_PX, MIN_SIDE_PX } from "../../companion/protocol/limits.ts";
import {
  parsePartialSettings,
  QUALITIES,
  SETTING_NAMES,
  SETTINGS,
  type Settings,
} from "../../companion/protocol/settings.ts";
import type { EvaluateRequest, NativeRequest, NativeRunOptions, PlanRequest } from "./types.ts";

export function checkRequest(request: NativeRequest, options: NativeRunOptions): void {
  checkObject("request", request);
  checkPicture("content", request.content);
  if (!Array.isArray(request.styles) || request.styles.length === 0) {
    throw new TypeError(`Expected a list of one or more styles for styles but received ${show(request.styles)}.`);
  }
  for (const [index, style] of request.styles.entries()) {
    checkObject(`styles[${index}]`, style);
    checkPicture(`styles[${index}].picture`, style.picture);
    for (const role of ["region", "source"] as const) {
      if (style[role] !== undefined) checkPicture(`styles[${index}].${role}`, style[role], 1);
    }
    checkFinite(`styles[${index}].weight`, style.weight, 0);
    if (style.layers !== undefined) checkLayers(`styles[${index}].layers`, style.layers);
  }
  if (request.styles.every(({ weight }) => weight === 0)) {
    throw new RangeError("Expected a weight above 0 for at least one of styles but received 0 for all.");
  }
  if (request.protect !== undefined) checkPicture("protect", request.protect, 1);
  checkSettings(request.settings);
  if (request.initial !== undefined) checkPicture("initial", request.initial);
  if (request.settings.init === "image" && request.initial === undefined) {
    throw new TypeError('Expected a picture for initial, since settings.init is "image", but received undefined.');
  }
  checkPath("networkPath", request.networkPath);
  checkPainter(request);
  for (const name of ["checkpoint", "shot"] as const) {
    if (request[name] !== undefined && !(request[name] instanceof Uint8Array)) {
      throw new TypeError(`Expected a Uint8Array for ${name} but received ${show(request[name])}.`);
    }
  }
  checkObject("options", options);
  for (const name of ["onProgress", "onTrace"] as const) {
    if (options[name] !== undefined && typeof options[name] !== "function") {
      throw new TypeError(`Expected a function for options.${name} but received ${show(options[name])}.`);
    }
  }
  if (options.snapshots !== undefined) {
    checkObject("options.snapshots", options.snapshots);
    checkInteger("options.snapshots.every", options.snapshots.every, 1, 1e6);
    if (typeof options.snapshots.onSnapshot !== "function") {
      const received = show(options.snapshots.onSnapshot);
      throw new TypeError(`Expected a function for options.snapshots.onSnapshot but received ${received}.`);
    }
  }
  if (options.signal !== undefined && !(options.signal instanceof AbortSignal)) {
    throw new TypeError(`Expected an AbortSignal for options.signal but received ${show(options.signal)}.`);
  }
}

/** Only settings marked live may change, and lists of weights keep their length. */
export function checkUpdate(update: Partial<Settings>, settings: Settings): void {
  checkObject("settings", update);
  for (const [name, value] of Object.entries(update)) {
    const description = Object.entries(SETTINGS).find(([known]) => known === name)?.[1];
    if (description === undefined || !("live" in description && description.live)) {
      const live = SETTING_NAMES.filter((known) => "live" in SETTINGS[known]);
      throw new TypeError(`Expected one of ${live.join(", ")} for a running job but received ${name}.`);
    }
    parsed(name, () => parsePartialSettings({ [name]: value }));
  }
  checkLayerWeights({ ...settings, ...update });
}

export function checkEvaluateRequest(request: EvaluateRequest): void {
  checkObject("request", request);
  for (const name of ["image", "content", "style"] as const) checkPicture(name, request[name]);
  if (request.image.width !== request.content.width || request.image.height !== request.content.height) {
    throw new RangeError(
      `Expected an image of the content's size, ${request.content.width} × ${request.content.height}, ` +
        `but received ${request.image.width} × ${request.image.height}.`,
    );
  }
  checkPath("networkPath", request.networkPath);
  for (const name of ["styleLayers", "contentLayers"] as const) checkLayers(name, request[name]);
  if (request.styleLayers.length + request.contentLayers.length === 0) {
    throw new RangeError("Expected a layer for styleLayers or contentLayers but received none.");
  }
  if (request.pooling !== null && request.pooling !== "avg" && request.pooling !== "max") {
    throw new TypeError(`Expected avg, max or null for pooling but received ${show(request.pooling)}.`);
  }
  if (request.threads !== null) checkInteger("threads", request.threads, 1, 256);
}

export function checkPlanRequest(request: PlanRequest): void {
  checkObject("request", request);
  const sizes = {
    content: request.content,
    ...Object.fromEntries((request.styles ?? []).map(({ picture }, i) => [`styles[${i}].picture`, picture])),
  };
  for (const [name, size] of Object.entries(sizes)) {
    checkObject(name, size);
    checkInteger(`${name}.width`, size.width, MIN_SIDE_PX, 1 << 20);
    checkInteger(`${name}.height`, size.height, MIN_SIDE_PX, 1 << 20);
  }
  checkSettings(request.settings);
  checkPath("networkPath", request.networkPath);
  checkPainter(request);
}

function checkPainter({ painter, settings }: Pick<NativeRequest, "painter" | "settings">): void {
  const needed = QUALITIES[settings.quality].method === "quick" || settings.init === "quick";
  if (painter === undefined && !needed) return;
  checkObject("painter", painter);
  checkPath("painter.networkPath", painter?.networkPath);
  checkPath("painter.detailerPath", painter?.detailerPath);
}

export function checkPath(name: string, value: unknown): void {
  if (typeof value !== "string" || value === "" || value.includes("\0")) {
    throw new TypeError(`Expected a path for ${name} but received ${show(value)}.`);
  }
}

/** Shape and values: every sample is finite and within 0 … 1. Masks may be small. */
export function checkPicture(name: string, picture: Picture, leastSide = MIN_SIDE_PX): void {
  checkObject(name, picture);
  checkInteger(`${name}.width`, picture.width, leastSide, MAX_SIDE_PX);
  checkInteger(`${name}.height`, picture.height, leastSide, MAX_SIDE_PX);
  const { width, height, channels, data } = picture;
  if (channels !== 3 && channels !== 4) {
    throw new RangeError(`Expected 3 or 4 for ${name}.channels but received ${show(channels)}.`);
  }
  if (!(data instanceof Float32Array)) {
    throw new TypeError(`Expected a Float32Array for ${name}.data but received ${show(data)}.`);
  }
  if (data.length !== width * height * channels) {
    throw new RangeError(
      `Expected ${width * height * channels} values for ${name}.data (${channels} × ${height} × ${width}) but received ${data.length}.`,
    );
  }
  for (let index = 0; index < data.length; index++) {
    const value = data[index] as number;
    if (!(value >= 0 && value <= 1)) {
      throw new RangeError(`Expected values from 0 to 1 for ${name}.data but received ${value} at index ${index}.`);
    }
  }
}

export function checkSettings(settings: Settings): void {
  checkObject("settings", settings);
  for (const name of SETTING_NAMES) {
    if (settings[name] === undefined)
      throw new TypeError(`Expected a value for settings.${name} but received undefined.`);
  }
  parsed("settings", () => parsePartialSettings(settings));
  if (settings.device === "auto") {
    throw new RangeError(
      "Expected one device for settings.device but received auto, which is for the caller to decide.",
    );
  }
  checkLayerWeights(settings);
}

function checkLayerWeights(settings: Settings): void {
  for (const [name, layers] of [
    ["styleLayerWeights", settings.styleLayers],
    ["contentLayerWeights", settings.contentLayers],
  ] as const) {
    const weights = settings[name];
    if (weights !== null && weights.length !== layers.length) {
      throw new RangeError(
        `Expected ${layers.length} numbers for ${name}, one for each layer, but received ${weights.length}.`,
      );
    }
  }
}

/** The settings table words its complaints for people; at this border they are RangeErrors. */
function parsed(name: string, parse: () => unknown): void {
  try {
    parse();
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : `Expected a valid value for ${name}.`;
    throw new RangeError(message, { cause });
  }
}

function checkLayers(name: string, layers: unknown): void {
  if (!Array.isArray(layers) || !layers.every((layer) => typeof layer === "string" && isLayer(layer))) {
    throw new TypeError(`Expected a list of layers such as relu4_2 for ${name} but received ${show(layers)}.`);
  }
  if (new Set(layers).size < layers.length) {
    throw new RangeError(`Expected different layers for ${name} but received ${layers.join(", ")}.`);
  }
}

function checkObject(name: string, value: unknown): void {
  if (typeof value !== "object" || value === null) {
    throw new TypeError(`Expected an object for ${name} but received ${show(value)}.`);
  }
}

function checkFinite(name: string, value: unknown, min: number): void {
  if (typeof value !== "number") throw new TypeError(`Expected a number for ${name} but received ${show(value)}.`);
  if (!(Number.isFinite(value) && value >= min)) {
    throw new RangeError(`Expected a number of ${min} or more for ${name} but received ${value}.`);
  }
}

export function checkInteger(name: string, value: unknown, min: number, max: number): void {
  if (typeof value !== "number") throw new TypeError(`Expected a number for ${name} but received ${show(value)}.`);
  if (!(Number.isInteger(value) && value >= min && value <= max)) {
    throw new RangeError(`Expected a whole number from ${min} to ${max} for ${name} but received ${value}.`);
  }
}

function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return `an object of type ${value.constructor?.name ?? "null"}`;
  return String(value);
}
