// Types of sbom.mjs, for its test.

export interface Sbom {
  bomFormat: string;
  components: { name: string; version: string; licenses?: unknown[] }[];
  dependencies: { ref: string; dependsOn: string[] }[];
}

export function makeSbom(): Sbom;
