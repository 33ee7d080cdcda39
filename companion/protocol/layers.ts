// The layers of VGG16 and VGG19 (Simonyan & Zisserman 2014), named after their block and convolution, after the ReLU.

/** Convolutions in each of the five blocks; a 2×2 pool stands between two blocks. */
export const TOPOLOGIES = { vgg16: [2, 2, 3, 3, 3], vgg19: [2, 2, 4, 4, 4] } as const;
export type Topology = keyof typeof TOPOLOGIES;

/** relu1_1 … relu5_3 or relu5_4, shallow to deep. A network file may end at any of them. */
export function layersOf(topology: Topology): string[] {
  return TOPOLOGIES[topology].flatMap((count, block) =>
    Array.from({ length: count }, (_, index) => `relu${block + 1}_${index + 1}`),
  );
}

/** Every layer that some network may have: VGG19 has all of VGG16's. */
export const LAYERS = layersOf("vgg19");

export function isLayer(name: string): boolean {
  return LAYERS.includes(name);
}

/** relu3_1 is of the third. */
export function blockOf(layer: string): number {
  return Number(layer.charAt("relu".length));
}

/** Of a network by the layers that it has: VGG16's third block ends where VGG19's goes on. */
export function topologyOf(has: (layer: string) => boolean): Topology {
  return has("relu4_1") && !has("relu3_4") ? "vgg16" : "vgg19";
}
