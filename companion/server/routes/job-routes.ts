// Jobs: submit, look, change, cancel, watch, fetch.

import { ImpastoError } from "../../protocol/errors.ts";
import { isFinal } from "../../protocol/job-states.ts";
import type { JobEvent } from "../../protocol/jobs.ts";
import type { ServerContext } from "../context.ts";
import { openEventStream } from "../event-stream.ts";
import type { Handlers } from "../handlers.ts";
import { afterOf, DEFAULT_LIMIT, idempotencyKey } from "../request-fields.ts";
import { untilGone } from "../until-gone.ts";

type JobRoute =
  | "plan"
  | "live"
  | "pictureConvert"
  | "jobSubmit"
  | "jobs"
  | "job"
  | "jobChange"
  | "jobDelete"
  | "jobEvents"
  | "jobResult"
  | "jobThumbnail"
  | "jobPreview";

export function jobRoutes(context: ServerContext): Pick<Handlers, JobRoute> {
  const { service, presence } = context;
  return {
    plan: ({ body }) => service.plan(body),
    pictureConvert: ({ body }) => service.convert(body),
    live: ({ body, reply, holder }) => service.live(body, { owner: holder?.id ?? "", signal: untilGone(reply) }),

    async jobSubmit({ body, request, reply, holder }) {
      const options = { idempotencyKey: idempotencyKey(request), owner: holder?.id ?? "" };
      const { job, created } = await service.submit(body, options);
      if (created) presence.submitted(job.id);
      reply.code(created ? 201 : 200);
      return job;
    },

    jobs({ query: { limit, ...filter } }) {
      return { jobs: service.list({ ...filter, limit: Number(limit ?? DEFAULT_LIMIT) }) };
    },

    job: ({ params }) => service.get(params.id),
    jobChange: ({ params, body }) => service.change(params.id, body),

    async jobDelete({ params, query }) {
      const job = await service.cancel(params.id);
      if (query.forget !== undefined) await service.remove(params.id);
      return job;
    },

    jobEvents({ params, query, reply }) {
      service.get(params.id);
      const stream = openEventStream<JobEvent>(reply, {
        heartbeatMs: context.heartbeatMs,
        key: ({ type }) => (type === "progress" || type === "preview" ? type : null),
        isLast: (event) => event.type === "state" && isFinal(event.state),
        follow: (push) => {
          const gone = presence.watching(params.id);
          const unsubscribe = service.watch(params.id, afterOf(query), push);
          return () => {
            unsubscribe();
            gone();
          };
        },
      });
      // Nothing more will come, and the client may have read the last event before.
      if (isFinal(service.get(params.id).state)) stream.end();
      return undefined;
    },

    jobResult: ({ params }) => service.result(params.id),
    jobThumbnail: ({ params }) => service.thumbnail(params.id),

    async jobPreview({ params, reply }) {
      const preview = await service.preview(params.id, Number(params.sequence));
      if (preview.sequence < Number(params.sequence)) {
        preview.stream.destroy();
        throw new ImpastoError("not-found", "There is no such preview yet.");
      }
      reply.header("Impasto-Sequence", String(preview.sequence));
      return preview;
    },
  };
}
