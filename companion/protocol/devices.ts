// What can do the work on a machine.

import { type Static, Type } from "typebox";
import { CLOSED } from "./schemas.ts";
import { DEVICE_KINDS } from "./settings.ts";

export const DeviceSchema = Type.Object(
  {
    kind: Type.Enum([...DEVICE_KINDS]),
    name: Type.String(),
    usable: Type.Boolean(),
    /** Why not, or what was measured. */
    detail: Type.String(),
  },
  CLOSED,
);

export const DeviceListSchema = Type.Object({ devices: Type.Array(DeviceSchema) }, CLOSED);

export type Device = Static<typeof DeviceSchema>;
