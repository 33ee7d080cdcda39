// Networks, devices and the doctor's report on the wire.

import { type Static, Type } from "typebox";
import { DeviceSchema } from "./devices.ts";
import { CLOSED, ErrorSchema, PLAIN_NAME_PATTERN, Sha256Schema, TimeSchema } from "./schemas.ts";

export const NetworkNameSchema = Type.String({ pattern: PLAIN_NAME_PATTERN });

export const NetworkSchema = Type.Object(
  {
    name: Type.String(),
    /** embedded: in the package; present: in the cache; missing: can be pulled. */
    state: Type.Enum(["embedded", "present", "missing"]),
    sha256: Type.Union([Sha256Schema, Type.Null()]),
    /** Size of the file, or of the download when missing. */
    bytes: Type.Integer({ minimum: 0 }),
    layers: Type.Array(Type.String()),
    source: Type.String(),
    license: Type.String(),
  },
  CLOSED,
);

const sequenced = { sequence: Type.Integer({ minimum: 1 }), time: TimeSchema };

/** One line of the NDJSON of a download; ends after "done" or "failed". */
export const PullEventSchema = Type.Union([
  Type.Object(
    {
      ...sequenced,
      type: Type.Literal("progress"),
      receivedBytes: Type.Integer({ minimum: 0 }),
      totalBytes: Type.Integer({ minimum: 0 }),
    },
    CLOSED,
  ),
  Type.Object({ ...sequenced, type: Type.Literal("done"), network: NetworkSchema }, CLOSED),
  Type.Object({ ...sequenced, type: Type.Literal("failed"), error: ErrorSchema }, CLOSED),
]);

export const DoctorCheckSchema = Type.Object(
  { name: Type.String(), ok: Type.Boolean(), detail: Type.String(), hint: Type.Optional(Type.String()) },
  CLOSED,
);

export const DoctorSchema = Type.Object(
  {
    /** impasto, built (a date), node, onnxruntime, platform. */
    versions: Type.Record(Type.String(), Type.String()),
    checks: Type.Array(DoctorCheckSchema),
    devices: Type.Array(DeviceSchema),
    networks: Type.Array(NetworkSchema),
    disk: Type.Object(
      {
        usedBytes: Type.Number(),
        quotaBytes: Type.Number(),
        freeBytes: Type.Number(),
        reserveBytes: Type.Number(),
      },
      CLOSED,
    ),
    jobs: Type.Record(Type.String(), Type.Integer()),
  },
  CLOSED,
);

export const NetworkListSchema = Type.Object({ networks: Type.Array(NetworkSchema) }, CLOSED);

export type NetworkInfo = Static<typeof NetworkSchema>;
export type PullEvent = Static<typeof PullEventSchema>;
export type DoctorCheck = Static<typeof DoctorCheckSchema>;
export type Doctor = Static<typeof DoctorSchema>;
