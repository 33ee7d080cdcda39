// What the machine has: devices, networks and their downloads, the doctor, and this API's description.

import type { PullEvent } from "../../protocol/networks.ts";
import type { ServerContext } from "../context.ts";
import { openEventStream } from "../event-stream.ts";
import type { Handlers } from "../handlers.ts";
import { openApi } from "../openapi.ts";
import { afterOf } from "../request-fields.ts";

type MachineRoute = "devices" | "networks" | "networkPull" | "networkEvents" | "doctor" | "openapi";

export function machineRoutes({ service, heartbeatMs }: ServerContext): Pick<Handlers, MachineRoute> {
  const description = openApi();
  return {
    openapi: () => description,
    devices: async () => ({ devices: await service.devices() }),
    networks: async () => ({ networks: await service.networks() }),
    doctor: () => service.doctor(),

    networkPull({ params, reply }) {
      reply.code(202);
      return service.pullNetwork(params.name);
    },

    networkEvents({ params, query, reply }) {
      openEventStream<PullEvent>(reply, {
        heartbeatMs,
        key: ({ type }) => (type === "progress" ? type : null),
        isLast: ({ type }) => type !== "progress",
        follow: (push) => service.watchPull(params.name, afterOf(query), push),
      });
      return undefined;
    },
  };
}
