// What a selected layer is for: painted over, a style, or a mask.

import { isOneOf, isRecord } from "../parsing.ts";

/** region: where a style applies; source: which part of a style's picture counts; protect: what stays as it was. */
export const MASK_KINDS = ["region", "source", "protect"] as const;
export type MaskKind = (typeof MASK_KINDS)[number];

/** `style` counts the styles of a picture from 0. */
export type MaskRole = { kind: "region" | "source"; style: number } | { kind: "protect" };

export type Role = { kind: "content" | "style" | "unused" } | MaskRole;

export function isMask(role: Role): role is MaskRole {
  return isOneOf(MASK_KINDS, role.kind);
}

/** Null for what is none. */
export function parseMaskRole(value: unknown): MaskRole | null {
  if (!isRecord(value) || !isOneOf(MASK_KINDS, value.kind)) return null;
  if (value.kind === "protect") return { kind: "protect" };
  const { kind, style } = value;
  return typeof style === "number" && Number.isInteger(style) && style >= 0 ? { kind, style } : null;
}
