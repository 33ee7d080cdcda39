// StyleEngine over the companion: everything that takes time happens there; here are pictures, words and a stream.

import type { Device } from "../../../companion/protocol/devices.ts";
import type { StyleEngine } from "../style-engine.ts";
import { createArchive } from "./archive.ts";
import { attachBatch, startBatch } from "./batch.ts";
import { convert } from "./convert.ts";
import type { CompanionHttp } from "./http.ts";
import { fetchLive } from "./live.ts";
import { createModelShelf } from "./model-shelf.ts";
import { startRun } from "./run.ts";
import { createSchool } from "./school.ts";
import { createUploads } from "./upload.ts";

/** The first plan waits for the engine to start, for the GPU's trial and for a network's. */
const PLAN_TIMEOUT_MS = 90_000;

export interface CompanionEngineOptions {
  /** Throws "companion-unreachable" while there is none. */
  http(): CompanionHttp;
  deviceName(kind: string): string;
  devices(): readonly Device[];
}

export function createCompanionEngine({ http, deviceName, devices }: CompanionEngineOptions): StyleEngine {
  const uploads = createUploads();
  const context = { http, uploads, deviceName };
  return {
    async capabilities() {
      const usable = devices().filter((device) => device.usable);
      const best = usable.find(({ kind }) => kind !== "cpu") ?? usable[0];
      return {
        kind: "companion",
        device: best?.name ?? "this computer",
        methods: ["quick", "optimize"],
        live: true,
        largestSize: null,
      };
    },
    async plan(request) {
      return uploads.submit(http(), request, (body) => http().json("plan", { body, timeoutMs: PLAN_TIMEOUT_MS }));
    },
    live: (request, signal) => fetchLive({ http, uploads }, request, signal),
    stylize: (request, listeners) => startRun(context, request, listeners),
    startBatch: (request, listeners) => startBatch(context, request, listeners),
    attachBatch: (id, listeners) => attachBatch(context, id, listeners),
    convert: (file) => convert({ http, uploads }, file),
    school: createSchool({ http, uploads }),
    models: createModelShelf(http),
    archive: createArchive(http),
  };
}
