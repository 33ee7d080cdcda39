// Workers on other machines: what they ask for and bring.

import { Compile } from "typebox/compile";
import type { Holder } from "../../pairing/token-store.ts";
import { ImpastoError } from "../../protocol/errors.ts";
import { FinishedSchema } from "../../protocol/work.ts";
import type { Held, WorkDesk } from "../../work-desk.ts";
import { readFirstLine } from "../body.ts";
import type { ServerContext } from "../context.ts";
import type { Handlers } from "../handlers.ts";

const finished = Compile(FinishedSchema);

type WorkRoute =
  | "workBeat"
  | "workClaim"
  | "workBlob"
  | "workNetwork"
  | "workCheckpoint"
  | "workCheckpointPut"
  | "workShot"
  | "workShotPut"
  | "workPreviewPut"
  | "workFinish"
  | "workReport"
  | "workers";

export function workRoutes({ desk }: ServerContext): Pick<Handlers, WorkRoute> {
  function open(): WorkDesk {
    if (desk !== null) return desk;
    throw new ImpastoError("conflict", "This companion does its work itself.", {
      hint: "Start it with --queue to have workers do it.",
    });
  }

  return {
    workBeat: ({ body, holder }) => open().beat(idOf(holder), body),
    workClaim: ({ body, holder }) => open().claim(idOf(holder), body),
    workBlob: ({ params, query, holder }) => open().blob(heldBy(holder, params.id, query), params.sha256),
    workNetwork: ({ params, query, holder }) => open().network(heldBy(holder, params.id, query), params.sha256),
    workCheckpoint: ({ params, query, holder }) => open().checkpoint(heldBy(holder, params.id, query)),

    workShot: ({ params, query, holder }) => open().shot(heldBy(holder, params.id, query)),

    async workShotPut({ params, query, body, holder }) {
      await open().keepShot(heldBy(holder, params.id, query), body);
      return undefined;
    },

    async workCheckpointPut({ params, query, body, holder }) {
      await open().keepCheckpoint(heldBy(holder, params.id, query), body);
      return undefined;
    },

    async workPreviewPut({ params, query, body, holder }) {
      const size = { width: Number(query.width), height: Number(query.height) };
      await open().keepPreview(heldBy(holder, params.id, query), body, size);
      return undefined;
    },

    async workFinish({ params, query, body, holder }) {
      const { line, rest } = await readFirstLine(body);
      if (!finished.Check(line)) throw new ImpastoError("bad-request", "That is not what a job comes to.");
      await open().finish(heldBy(holder, params.id, query), line, rest);
      return undefined;
    },

    async workReport({ params, body, holder }) {
      await open().report(idOf(holder), params.id, body);
      return undefined;
    },

    workers: () => desk?.workers() ?? { queue: "none", trouble: null, workers: [] },
  };
}

function heldBy(holder: Holder | null, job: string, query: { worker: string; attempt: string }): Held {
  return { pairing: idOf(holder), worker: query.worker, job, attempt: Number(query.attempt) };
}

function idOf(holder: Holder | null): string {
  return holder?.id ?? "";
}
