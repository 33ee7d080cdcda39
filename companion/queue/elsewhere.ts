// Jobs that other machines carry out: offers them on the queue, hears how they get on, and looks after those that were
// lost. What jobs in work are told stands in the ledger; workers are only hinted at it.

import { codeOf } from "../jobs/attempts.ts";
import type { Elsewhere, ElsewhereParts } from "../jobs/job-service.ts";
import { packageVersion } from "../package-root.ts";
import { ImpastoError } from "../protocol/errors.ts";
import { WorkProgressSchema } from "../protocol/work.ts";
import { isOf } from "../supervisor/parse-message.ts";
import type { Bucket } from "./bucket.ts";
import type { Bull } from "./bull.ts";
import { Desk } from "./desk.ts";
import { Offers } from "./offers.ts";
import type { RareDevice } from "./queue-names.ts";
import { Shipments } from "./shipments.ts";
import { WorkerList } from "./worker-list.ts";

export interface ElsewhereOptions {
  /** Where pictures go between here and there; over HTTP where there is none. */
  bucket?: Bucket | null;
  /** The companion's own, in tests another. */
  version?: string | undefined;
}

export function createElsewhere(bull: Bull, parts: ElsewhereParts, options: ElsewhereOptions = {}): Elsewhere {
  const { bucket = null, version = packageVersion() } = options;
  const workers = new WorkerList(version, bull.pace.silentMs, () => performance.now());
  const offers = new Offers({ ledger: parts.ledger, bull, log: parts.log, workers, giveUp });
  const shipments = bucket === null ? null : new Shipments(bucket, parts.log);
  const desk = new Desk(parts, workers, offers, shipments);
  let clock: NodeJS.Timeout | null = null;
  let looking: Promise<void> | null = null;

  function giveUp(job: string, device: RareDevice): void {
    const attempt = parts.transitions.claim(job);
    const error = new ImpastoError("no-gpu", `None of the workers has what this job asks for: ${device}.`, {
      hint: "Choose auto as the device, or start a worker that has it: `impasto workers` tells what each one has.",
    });
    if (attempt !== null) parts.transitions.fail(job, attempt, error);
  }

  function findLost(): void {
    looking ??= desk
      .findLost()
      .catch((error: unknown) => parts.log({ event: "queue-refused", code: codeOf(error) }))
      .finally(() => {
        looking = null;
      });
  }

  function hear(text: string): void {
    const said = parseJson(text);
    if (isOf(WorkProgressSchema, said)) desk.progress(said);
    else parts.log({ event: "queue-strange", what: "progress" });
  }

  const look = (job: string) => offers.hint({ type: "look", job });
  return {
    desk,
    start() {
      bull.listen(bull.progressChannel, hear);
      clock = setInterval(findLost, bull.pace.lostEveryMs);
      offers.start();
    },
    wake: () => offers.wake(),
    update: look,
    pause: look,
    stop: look,
    cancel(job) {
      desk.forget(job);
      look(job);
    },
    async close() {
      if (clock !== null) clearInterval(clock);
      offers.beginClose();
      await bull.close();
      await offers.close();
      await looking;
      shipments?.close();
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
