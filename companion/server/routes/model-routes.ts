// Networks of others: which there are, another one on its way in, and one that goes.

import type { ServerContext } from "../context.ts";
import type { Handlers } from "../handlers.ts";
import { contentLength } from "../request-fields.ts";

export function modelRoutes({ service }: ServerContext): Pick<Handlers, "models" | "modelAdd" | "modelDelete"> {
  return {
    models: async () => ({ models: await service.models() }),

    async modelAdd({ query, body, request, reply }) {
      try {
        const model = await service.addModel(query, body, contentLength(request));
        reply.code(201);
        return model;
      } finally {
        body.destroy();
      }
    },

    async modelDelete({ params }) {
      await service.removeModel(params.name);
      return undefined;
    },
  };
}
