// Where Impasto for this computer can be had. A release's pages know it, because its build is told the address
// (IMPASTO_DOWNLOADS, see docs/release.md); other builds have none, and nothing is offered then.

const META = "impasto-downloads";

/** Of the zips, MB, as bundles of 0.2.0 had them; the slow test of the bundles holds the system that it runs on to it. */
const SYSTEMS = {
  "win32-x64": { name: "Windows", megabytes: 93 },
  "darwin-arm64": { name: "Mac with Apple silicon", megabytes: 81 },
  "linux-x64": { name: "Linux", megabytes: 89 },
  "linux-arm64": { name: "Linux on ARM", megabytes: 81 },
} as const;

export interface Download {
  /** "Impasto for Windows, 93 MB" */
  label: string;
  url: string;
}

/** Null where this build knows no address, or there is nothing for this computer. */
export function downloadHere(page: Document = document, agent: string = navigator.userAgent): Download | null {
  const base = page.querySelector(`meta[name="${META}"]`)?.getAttribute("content") ?? "";
  const platform = platformOf(agent);
  if (!/^https:\/\//.test(base) || platform === null) return null;
  const { name, megabytes } = SYSTEMS[platform];
  return { label: `Impasto for ${name}, ${megabytes} MB`, url: `${base}-${platform}.zip` };
}

/** Windows on ARM runs what is made for Intel. */
export function platformOf(agent: string): keyof typeof SYSTEMS | null {
  if (/Android|CrOS|iPhone|iPad|Mobile/.test(agent)) return null;
  if (/Windows NT/.test(agent)) return "win32-x64";
  if (/Mac OS X|Macintosh/.test(agent)) return "darwin-arm64";
  if (/Linux/.test(agent)) return /aarch64|arm64/i.test(agent) ? "linux-arm64" : "linux-x64";
  return null;
}
