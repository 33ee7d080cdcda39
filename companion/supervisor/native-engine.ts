// The engine as the engine child wants it: networks by name, not by path, and for each request its way to paint: the
// native engine's, or a network of others.

import { engineInfo, engineVersions, type Painter, plan, stylize } from "../engine.ts";
import { readFileWhole } from "../files.ts";
import { listDevices, withDevice } from "../gpu/choose-device.ts";
import { blendDetailers, type DetailerShare } from "../learned/blend-detailers.ts";
import { keepDetailer } from "../learned/kept-detailers.ts";
import { examineModel } from "../models/import-model.ts";
import { locateModel } from "../models/locate.ts";
import { type LocatedModel, planModelRun, startModelRun } from "../models/model-run.ts";
import { listModels } from "../models/store.ts";
import { namedByHash } from "../networks/hash-once.ts";
import { describeNetwork, listNetworks } from "../networks/list.ts";
import { type LocatedNetwork, locateNetwork } from "../networks/locate.ts";
import { mapNetworks, type NetworkFiles, withPainter } from "../networks/needed.ts";
import type { Settings } from "../protocol/settings.ts";
import type { ChildEngine, PaintMethod, RunFacts } from "./child-engine.ts";
import { styleDistance } from "./style-distance.ts";
import { snapshotsWithPalette, withPalette } from "./with-palette.ts";

export const nativeEngine = nativeEngineOn(({ network, quality }) => locateNetwork(network, quality));

/** The same on whatever network and model are found. */
export function nativeEngineOn(
  locate: (settings: Settings) => Promise<LocatedNetwork>,
  locateOwnModel: (settings: Settings) => Promise<LocatedModel> = ({ model }) => locateModel(model),
): ChildEngine {
  const native = nativeMethod(locate);
  const model = modelMethod(locateOwnModel);
  const methodOf = ({ settings }: { settings: Settings }) => (settings.model === null ? native : model);
  return {
    async start(start) {
      const { request, snapshots } = start;
      const { run, facts } = await methodOf(request).start({
        ...start,
        ...(snapshots && { snapshots: snapshotsWithPalette(snapshots, request) }),
      });
      return { run: withPalette(run, request), facts };
    },
    plan: (request, files) => methodOf(request).plan(request, files),
    devices: () => listDevices(),
    networks: () => listNetworks(),
    models: () => listModels(),

    examineModel: (model, signal) => examineModel({ ...model, threads: engineInfo().threads }, signal),

    async pull(name, onProgress) {
      // Its HTTP client is large, and where virtual memory is limited it does not start.
      const { pullNetwork } = await import("../networks/pull.ts");
      await pullNetwork(name, {
        onEvent(event) {
          if (event.kind === "progress") onProgress(event.receivedBytes, event.totalBytes ?? 0);
        },
      });
      return await describeNetwork(name);
    },

    styleDistance,
    versions: () => engineVersions(),
  };
}

/** Painted by a network of others. */
function modelMethod(locate: (settings: Settings) => Promise<LocatedModel>): PaintMethod {
  return {
    async start({ request, model, onProgress, signal }) {
      const located = model ?? (await locate(request.settings));
      const threads = request.settings.threads ?? engineInfo().threads;
      const { run, tile } = startModelRun(located, request, { threads, onProgress, signal });
      const { name, sha256, styleSha256, descriptor } = located.model;
      return { run, facts: { model: { name, sha256, styleSha256, descriptor, tile }, threads } };
    },
    plan: async (request, files) => planModelRun(files?.model ?? (await locate(request.settings)), request),
  };
}

function nativeMethod(locate: (settings: Settings) => Promise<LocatedNetwork>): PaintMethod {
  return {
    async start({ request, checkpoint, shot, networks, learned, ...options }) {
      const { settings } = request;
      const found = networks ?? withPainter(request, await locate(settings));
      const files = learned === undefined ? found : await withLearned(found, learned);
      const facts: RunFacts = {
        ...(await mapNetworks(files, namedByHash)),
        threads: settings.threads ?? engineInfo().threads,
      };
      // Last: a run that fails at once has to find somebody who listens.
      const run = stylize(
        {
          ...request,
          settings: await withDevice(settings),
          networkPath: files.network.path,
          ...painterPaths(files),
          ...(checkpoint !== undefined && { checkpoint }),
          ...(shot !== undefined && { shot }),
        },
        options,
      );
      return { run, facts };
    },

    async plan(request, { networks } = {}) {
      const files = networks ?? withPainter(request, await locate(request.settings));
      return await plan({
        ...request,
        settings: await withDevice(request.settings),
        networkPath: files.network.path,
        ...painterPaths(files),
      });
    },
  };
}

/** What was learned in place of the general detailer; where nothing paints in one pass it has nothing to do. */
async function withLearned(files: NetworkFiles, learned: readonly DetailerShare[]): Promise<NetworkFiles> {
  if (files.painter === undefined) return files;
  const bytes = blendDetailers(learned, await readFileWhole(files.painter.detailer.path));
  const detailer = { name: "learned", path: await keepDetailer(bytes) };
  return { ...files, painter: { ...files.painter, detailer } };
}

function painterPaths({ painter }: NetworkFiles): { painter?: Painter } {
  return painter ? { painter: { networkPath: painter.network.path, detailerPath: painter.detailer.path } } : {};
}
