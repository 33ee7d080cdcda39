// The settings that the engine reads, fields as in companion/protocol/settings.ts but resolved:
// no defaults here, a missing field is a TypeError at the addon's border.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace impasto {

enum class StyleLoss { kGram, kGramNormalized, kW2 };
enum class TvNorm { kL1, kL2, kNinePoint };
enum class Pooling { kAverage, kMax };
enum class Padding { kZero, kReplicate, kReflect };
enum class Init { kContent, kNoise, kStyleColors, kImage };
enum class OptimizerKind { kLbfgs, kAdam };
enum class Colors { kStyle, kKeep };
enum class DeviceKind { kAuto, kCpu, kWebGpu, kCoreMl, kDml, kCuda };

// Weights of the loss terms. May change between two iterations.
struct Weights {
  double content = 0;              // multiplies the sum over content layers
  double style = 0;                // multiplies the mean over style layers
  double tv = 0;                   // multiplies the total variation
  std::vector<double> content_layers;  // one for each content layer
  std::vector<double> style_layers;    // one for each style layer
};

}  // namespace impasto
