// Networks for recognition that are no plain VGG. Their features are refused, not adapted: shortcuts and strides let a
// few channels rule every statistic, and pictures painted with them are grainy (Wang, Li and Vasconcelos 2021).

import { ImpastoError } from "../protocol/errors.ts";

const HINT =
  "Style transfer here takes VGG16 or VGG19, whose plain stack of 3×3 convolutions gives the cleanest strokes: impasto networks pull vgg19.";

/** Throws ImpastoError("bad-network") where names of tensors or layers tell of another architecture. */
export function refuseArchitecture(names: Iterable<string>): void {
  for (const name of names) {
    const found = KNOWN.find(({ named }) => named.test(name));
    if (found !== undefined) throw new ImpastoError("bad-network", `This network is ${found.what}.`, { hint: HINT });
  }
}

const KNOWN: readonly { what: string; named: RegExp }[] = [
  {
    what: "a VGG with batch normalization, which changes every feature",
    named: /^features\.\d+\.running_mean$|^block\d_bn\d/,
  },
  {
    what: "a ResNet, not a VGG",
    named: /^(?:module\.|resnet\d*\.)?layer[1-4]\.\d+\.|^conv\d_block\d+_|^res\d[a-f]_branch/,
  },
  {
    what: "a MobileNet, not a VGG",
    named: /^features\.\d+\.(?:conv\.)?\d\.\d?|^conv_(?:dw|pw)_\d|^block_\d+_(?:expand|depthwise)/,
  },
  { what: "an Inception network, not a VGG", named: /^Mixed_\d|^mixed\d|^inception\d|^Conv2d_1a/ },
  { what: "a DenseNet, not a VGG", named: /denseblock\d|^conv\d_block\d+_\d_conv$/ },
  { what: "an EfficientNet, not a VGG", named: /^block\d[a-z]_|^_blocks\.\d/ },
  { what: "a transformer, not a VGG", named: /(?:^|\.)(?:encoder\.layers?|blocks|attn|self_attn|transformer)\./ },
];
