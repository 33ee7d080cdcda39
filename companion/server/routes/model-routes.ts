// Networks of others: which there are, another one on its way in, and one that goes.

import type { ServerContext } from "../context.ts";
import type { Handlers } from "../handlers.ts";
import { contentLength } from "../request-fields.ts";
import { untilGone } from "../until-gone.ts";

export function modelRoutes({ service }: ServerContext): Pick<Handlers, "models" | "modelAdd" | "modelDelete"> {
  return {
    models: async () => ({ models: await service.models() }),

    async modelAdd({ query, body, request, reply }) {
      try {
        const options = { declaredBytes: contentLength(request), signal: untilGone(reply) };
        const model = await service.addModel(query, body, options);
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
