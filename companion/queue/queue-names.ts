// The queues: one line for jobs that were sent one by one and one for frames of batches; and in each line a queue of its
// own for every kind of device that only some machines have, for jobs that ask for it by name. Who has it looks there.

import { DEVICE_KINDS } from "../protocol/settings.ts";

export const LINES = ["interactive", "batch"] as const;
export type Line = (typeof LINES)[number];

type DeviceKind = (typeof DEVICE_KINDS)[number];
/** What not every machine has. */
export type RareDevice = Exclude<DeviceKind, "cpu">;
const RARE = DEVICE_KINDS.filter((kind) => kind !== "cpu");

export type QueueName = Line | `${Line}-${RareDevice}`;

/** `device`: what a job asks for by name; null where any machine will do. */
export function queueName(line: Line, device: RareDevice | null): QueueName {
  return device === null ? line : `${line}-${device}`;
}

/** Null for what every machine has, and for the choice that is left open. */
export function rareDevice(device: string): RareDevice | null {
  return RARE.find((kind) => kind === device) ?? null;
}

/** Every queue that an entry may stand on, with the device that its jobs ask for. */
export const QUEUES: readonly { name: QueueName; device: RareDevice | null }[] = LINES.flatMap((line) =>
  [null, ...RARE].map((device) => ({ name: queueName(line, device), device })),
);
