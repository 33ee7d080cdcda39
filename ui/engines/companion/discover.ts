// Is a companion there? Asks every port at once and tells apart: ours, another version, another program, nothing,
// and a browser that does not let the page ask.

import { Check } from "typebox/value";
import { type Health, HealthSchema } from "../../../companion/protocol/pairing-messages.ts";
import { PROTOCOL_VERSION } from "../../../companion/protocol/ports.ts";

const TIMEOUT_MS = 2_000;

export type Discovery =
  | { kind: "found"; base: string; health: Health }
  | { kind: "version"; companion: "older" | "newer" }
  | { kind: "foreign"; port: number }
  | { kind: "blocked" }
  | { kind: "absent" };

/** Prefers the companion that the panel is paired with, when several run. */
export async function discover(bases: readonly string[], pairedInstance: string | null): Promise<Discovery> {
  const answers = await Promise.all(bases.map(async (base) => ({ base, answer: await ask(base) })));
  const found = answers.flatMap(({ base, answer }) => (typeof answer === "object" ? [{ base, health: answer }] : []));
  const ours = found.filter(({ health }) => health.protocol === PROTOCOL_VERSION);
  const best = ours.find(({ health }) => health.instance === pairedInstance) ?? ours[0];
  if (best !== undefined) return { kind: "found", ...best };
  const other = found[0];
  if (other !== undefined) {
    return { kind: "version", companion: other.health.protocol < PROTOCOL_VERSION ? "older" : "newer" };
  }
  const foreign = answers.find(({ answer }) => answer === "foreign");
  if (foreign !== undefined) return { kind: "foreign", port: Number(new URL(foreign.base).port) };
  return { kind: (await isBlocked()) ? "blocked" : "absent" };
}

async function ask(base: string): Promise<Health | "foreign" | "nothing"> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), TIMEOUT_MS);
  try {
    const response = await fetch(`${base}/v1/health`, { signal: controller.signal, cache: "no-store" });
    const health: unknown = await response.json();
    // A later protocol may say more: only what it is and which version is looked at first.
    if (Check(HealthSchema, health)) return health;
    return isNewerHealth(health) ? health : "foreign";
  } catch (cause) {
    return cause instanceof SyntaxError ? "foreign" : "nothing";
  } finally {
    clearTimeout(timer);
  }
}

function isNewerHealth(value: unknown): value is Health {
  if (typeof value !== "object" || value === null || !("product" in value) || !("protocol" in value)) return false;
  return value.product === "impasto" && typeof value.protocol === "number" && value.protocol !== PROTOCOL_VERSION;
}

/** Chrome and Edge (142 and later) let a page reach this computer only with a permission. */
async function isBlocked(): Promise<boolean> {
  // Figma's desktop app asks for no permission, and yet its Electron says "denied" in a frame.
  if (/\bElectron\//.test(navigator.userAgent)) return false;
  for (const name of ["loopback-network", "local-network-access"]) {
    try {
      const { state } = await navigator.permissions.query({ name: name as PermissionName });
      return state === "denied";
    } catch {
      // This browser does not know the permission under this name.
    }
  }
  return false;
}
