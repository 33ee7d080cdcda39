// What browsers call the GPU, and what people may read of it.

/** A CPU that pretends to be a GPU. */
export function isSoftware(name: string): boolean {
  return /swiftshader|llvmpipe|software|basic render/i.test(name);
}

/** "ANGLE (Apple, ANGLE Metal Renderer: Apple M2, …)" → "ANGLE Metal Renderer: Apple M2". */
export function shortGpuName(name: string): string {
  if (isSoftware(name)) return "no GPU";
  return (/ANGLE \(([^,]+, )?([^,]+)/.exec(name)?.[2] ?? name).trim();
}
