export interface Machine {
  platform: NodeJS.Platform;
  arch: string;
  /** The kernel's version. */
  release: string;
  /** On Linux: the C library's version, undefined on musl. */
  glibc?: string | undefined;
}
export const PLATFORMS: string[];
export const FLOORS: { glibc: string; macos: string };
export const SUPPORTED: string;
export function thisMachine(): Machine;
export function refusal(machine: Machine): { message: string; hint: string } | null;
