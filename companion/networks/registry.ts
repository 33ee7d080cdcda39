// The one table of networks that can be fetched: where they come from, how they are checked, whose they are.

import { ImpastoError } from "../protocol/errors.ts";
import type { Topology } from "../protocol/layers.ts";

export type SourceFormat = "keras-hdf5" | "safetensors";

export interface NetworkSource {
  url: string;
  format: SourceFormat;
  /** Of the whole file, where published. */
  bytes?: number;
  hash?: { algorithm: "md5" | "sha256"; hex: string };
}

export interface RegistryEntry {
  name: string;
  title: string;
  license: string;
  authors: string;
  topology: Topology;
  /** Output channels of its convolutions, conv1_1 first. */
  widths: readonly number[];
  /** What a default pull moves. */
  downloadBytes: number;
  /** Tried in this order. */
  sources: readonly NetworkSource[];
  /** An address or a file that replaces the sources, like --from. */
  variable: string;
}

const VGG19_WIDTHS = [64, 64, 128, 128, 256, 256, 256, 256, 512, 512, 512, 512, 512, 512, 512, 512] as const;
const VGG16_WIDTHS = [64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512] as const;
const OXFORD = "Karen Simonyan and Andrew Zisserman (Visual Geometry Group, University of Oxford), 2014; file by Keras";

/** Keras' own file without the classifier, at both places where its project publishes it. */
function kerasSources(topology: Topology, bytes: number, md5: string): NetworkSource[] {
  const file = `${topology}_weights_tf_dim_ordering_tf_kernels_notop.h5`;
  return [
    `https://storage.googleapis.com/tensorflow/keras-applications/${topology}/${file}`,
    `https://github.com/fchollet/deep-learning-models/releases/download/v0.1/${file}`,
  ].map((url) => ({ url, format: "keras-hdf5", bytes, hash: { algorithm: "md5", hex: md5 } }));
}

export const REGISTRY: readonly RegistryEntry[] = [
  {
    name: "vgg19",
    title: "The ImageNet VGG19 of the style-transfer literature",
    license: "CC BY 4.0",
    authors: OXFORD,
    topology: "vgg19",
    widths: VGG19_WIDTHS,
    downloadBytes: 80_134_624,
    sources: kerasSources("vgg19", 80_134_624, "253f8cb515780f3b799900260a226db6"),
    variable: "IMPASTO_VGG19_FROM",
  },
  {
    name: "vgg19-torchvision",
    title: "torchvision's VGG19, trained anew on ImageNet",
    license: "BSD-3-Clause",
    authors: "the torchvision contributors; file by Ross Wightman (timm)",
    topology: "vgg19",
    widths: VGG19_WIDTHS,
    downloadBytes: 51_779_840, // conv1_1 … conv5_1 in F32, without the classifier's 500 MB
    sources: [
      {
        url: "https://huggingface.co/timm/vgg19.tv_in1k/resolve/main/model.safetensors",
        format: "safetensors",
        // Checked where the whole file is at hand (--from PATH); ranges of it are checked against the first pull.
        hash: { algorithm: "sha256", hex: "11aea017b543ff59233749d8f1cf544cda749378f5790d2fedab841fb86b7669" },
      },
    ],
    variable: "IMPASTO_VGG19_TORCHVISION_FROM",
  },
  {
    name: "vgg16",
    title: "The ImageNet VGG16, of Johnson et al. and of many later papers",
    license: "CC BY 4.0",
    authors: OXFORD,
    topology: "vgg16",
    widths: VGG16_WIDTHS,
    downloadBytes: 58_889_256,
    sources: kerasSources("vgg16", 58_889_256, "6d6bbae143d832006294945121d1f1fc"),
    variable: "IMPASTO_VGG16_FROM",
  },
];

/** Throws ImpastoError("network-unknown") that lists the known ones. */
export function registryEntry(name: string, registry: readonly RegistryEntry[] = REGISTRY): RegistryEntry {
  const entry = registry.find((candidate) => candidate.name === name);
  if (entry !== undefined) return entry;
  throw new ImpastoError("network-unknown", `There is no network named ${JSON.stringify(name)} to fetch.`, {
    hint: `These can be fetched: ${registry.map((known) => known.name).join(", ")}. A file of your own: impasto networks import FILE.`,
  });
}
