// The one table of networks that can be fetched: where they come from, how they are checked, whose they are.

import { ImpastoError } from "../protocol/errors.ts";

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
  /** Output channels of conv1_1 … conv5_4. */
  widths: readonly number[];
  /** What a default pull moves. */
  downloadBytes: number;
  /** Tried in this order. */
  sources: readonly NetworkSource[];
  /** An address or a file that replaces the sources, like --from. */
  variable: string;
}

const VGG19_WIDTHS = [64, 64, 128, 128, 256, 256, 256, 256, 512, 512, 512, 512, 512, 512, 512, 512] as const;
const KERAS_FILE = "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5";
const KERAS_CHECK = {
  format: "keras-hdf5",
  bytes: 80_134_624,
  hash: { algorithm: "md5", hex: "253f8cb515780f3b799900260a226db6" },
} as const;

export const REGISTRY: readonly RegistryEntry[] = [
  {
    name: "vgg19",
    title: "The ImageNet VGG19 of the style-transfer literature",
    license: "CC BY 4.0",
    authors: "Karen Simonyan and Andrew Zisserman (Visual Geometry Group, University of Oxford), 2014; file by Keras",
    widths: VGG19_WIDTHS,
    downloadBytes: KERAS_CHECK.bytes,
    sources: [
      { url: `https://storage.googleapis.com/tensorflow/keras-applications/vgg19/${KERAS_FILE}`, ...KERAS_CHECK },
      { url: `https://github.com/fchollet/deep-learning-models/releases/download/v0.1/${KERAS_FILE}`, ...KERAS_CHECK },
    ],
    variable: "IMPASTO_VGG19_FROM",
  },
  {
    name: "vgg19-torchvision",
    title: "torchvision's VGG19, trained anew on ImageNet",
    license: "BSD-3-Clause",
    authors: "the torchvision contributors; file by Ross Wightman (timm)",
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
];

/** Throws ImpastoError("network-unknown") that lists the known ones. */
export function registryEntry(name: string, registry: readonly RegistryEntry[] = REGISTRY): RegistryEntry {
  const entry = registry.find((candidate) => candidate.name === name);
  if (entry !== undefined) return entry;
  throw new ImpastoError("network-unknown", `There is no network named ${JSON.stringify(name)} to fetch.`, {
    hint: `These can be fetched: ${registry.map((known) => known.name).join(", ")}. A file of your own: impasto networks import FILE.`,
  });
}
