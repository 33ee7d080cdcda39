// Batches: one recipe, many contents.

import { type BatchEvent, isBatchOver } from "../../protocol/batches.ts";
import type { ServerContext } from "../context.ts";
import { openEventStream } from "../event-stream.ts";
import type { Handlers } from "../handlers.ts";
import { afterOf, DEFAULT_LIMIT, idempotencyKey } from "../request-fields.ts";

type BatchRoute = "batchSubmit" | "batches" | "batch" | "batchChange" | "batchDelete" | "batchEvents";

export function batchRoutes({ service, heartbeatMs }: ServerContext): Pick<Handlers, BatchRoute> {
  return {
    async batchSubmit({ body, request, reply, holder }) {
      const options = { idempotencyKey: idempotencyKey(request), owner: holder?.id ?? "" };
      const { batch, created } = await service.submitBatch(body, options);
      reply.code(created ? 201 : 200);
      return batch;
    },

    batches: ({ query }) => ({ batches: service.listBatches(Number(query.limit ?? DEFAULT_LIMIT)) }),
    batch: ({ params }) => service.getBatch(params.id),
    batchChange: ({ params, body }) => service.changeBatch(params.id, body),

    async batchDelete({ params, query }) {
      const batch = await service.cancelBatch(params.id);
      if (query.forget !== undefined) await service.removeBatch(params.id);
      return batch;
    },

    batchEvents({ params, query, reply }) {
      service.getBatch(params.id);
      const stream = openEventStream<BatchEvent>(reply, {
        heartbeatMs,
        key: (event) => (event.type === "frame" ? `frame ${event.frame.index}` : "state"),
        isLast: (event) => event.type === "state" && isBatchOver(event.batch),
        follow: (push) => service.watchBatch(params.id, afterOf(query), push),
      });
      if (isBatchOver(service.getBatch(params.id))) stream.end();
      return undefined;
    },
  };
}
