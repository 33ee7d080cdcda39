// Styles that are learned: begun, looked at, paused, fetched and removed.

import type { ServerContext } from "../context.ts";
import type { Handlers } from "../handlers.ts";

type LearningRoute =
  | "learningSubmit"
  | "learnings"
  | "learning"
  | "learningChange"
  | "learningDelete"
  | "learningPreview"
  | "learningResult";

export function learningRoutes({ service: { learnings } }: ServerContext): Pick<Handlers, LearningRoute> {
  return {
    async learningSubmit({ body, reply }) {
      const learning = await learnings.submit(body);
      reply.code(201);
      return learning;
    },
    learnings: () => ({ learnings: learnings.list() }),
    learning: ({ params }) => learnings.get(params.id),
    learningChange: ({ params, body }) => learnings.change(params.id, body),
    learningDelete: ({ params }) => learnings.remove(params.id),
    learningPreview: ({ params }) => learnings.preview(params.id),
    learningResult: ({ params, query }) => learnings.result(params.id, query.style),
  };
}
