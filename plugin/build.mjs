// Figma's main thread: one plain script for a VM without modules. Syntax is lowered; the VM's library is not.

/** esbuild's options for dist/code.js. */
export function pluginTarget() {
  return {
    entryPoints: { code: "plugin/main.ts" },
    outdir: "dist",
    platform: "neutral",
    target: "es2017",
    format: "iife",
    minify: true,
    sourcemap: false,
  };
}
