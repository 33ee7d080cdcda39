// `npm run -s sbom`: the list of parts (CycloneDX, on stdout) of what the npm package needs to run. npm makes it for
// everything; `npm sbom --omit dev` would also leave out what a development package needs as well.

import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { runNpm } from "./run.mjs";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/** The document, as an object. */
export function makeSbom() {
  const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")).packages;
  const running = Object.entries(lock).filter(([place, { dev }]) => place !== "" && !dev);
  const kept = new Set(running.map(([place, { version }]) => `${place.replace(/^.*node_modules\//, "")}@${version}`));
  // Number and time of day would differ each time.
  const { serialNumber, ...whole } = JSON.parse(
    runNpm(["sbom", "--sbom-format", "cyclonedx", "--package-lock-only"], { cwd: ROOT }),
  );
  const { component } = whole.metadata;
  const own = component["bom-ref"];
  const isKept = (ref) => ref === own || kept.has(ref);
  return {
    ...whole,
    // npm names it after the folder.
    metadata: { component: { ...component, name: own.replace(/@[^@]*$/, "") } },
    components: whole.components.filter((component) => isKept(component["bom-ref"])),
    dependencies: whole.dependencies
      .filter(({ ref }) => isKept(ref))
      .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter(isKept) })),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(JSON.stringify(makeSbom(), null, 2));
