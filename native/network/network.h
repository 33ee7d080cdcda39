// A VGG16 or VGG19 network file (safetensors, design: convB_I.weight [out, in, 3, 3], convB_I.bias,
// F32 or F16) read into float32. Widths and depth come from the file.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/settings.h"

namespace impasto {

struct Convolution {
  std::string layer;  // "relu1_1": the layer that it feeds
  int in_channels = 0;
  int out_channels = 0;
  std::vector<float> weight;  // [out, in, 3, 3]
  std::vector<float> bias;    // [out]
};

struct Network {
  std::string identity;  // of the file: path, size and time of change; a key for what is kept of it
  std::string name;
  std::array<float, 3> mean{};  // RGB, for input in 0 … 1
  std::array<float, 3> std{};
  std::optional<Pooling> pooling;
  std::optional<Padding> padding;
  std::vector<Convolution> convolutions;  // conv1_1 first, consecutive
};

// Read once for all who hold it at the same time, as long as the file stays as it is.
// The words of settings and of a file's metadata.
const std::map<std::string, Pooling>& poolings();
const std::map<std::string, Padding>& paddings();

// Throws Error("bad-network" | "file-not-found" | "file-not-readable"); refuses truncated files,
// wrong shapes and values that are not finite.
std::shared_ptr<const Network> load_network(const std::string& path);

}  // namespace impasto
