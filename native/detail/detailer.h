// A detailer file: what paints a picture's fine detail in a style's statistics, in one pass
// (safetensors: levelB.convK.weight [out, in, 3, 3] and .bias, out.weight, out.bias; metadata kind,
// encoder, plan; native/networks/README.md says what is computed).
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace impasto {

struct DetailConvolution {
  int in_channels = 0;
  int out_channels = 0;
  std::vector<float> weight;  // [out, in, 3, 3]
  std::vector<float> bias;    // [out]
};

// One size of the decoder. Takes in, in this order: the level below enlarged, the encoder's carried
// features, noise, and at the last level the picture itself.
struct DetailLevel {
  std::string layer;  // of the encoder: "relu3_1" … "relu1_1", from "relu5_1" on where it has five
  int noise = 0;      // channels
  std::vector<DetailConvolution> convolutions;
};

struct Detailer {
  std::string encoder;  // SHA-256 of the network file that it was trained with
  double mix = 0;       // share of the content's own detail that is put on the enlarged draft
  double ridge = 0;     // of the transport between statistics
  std::vector<DetailLevel> levels;  // three to five, deep to shallow, each twice as large
  DetailConvolution out;            // to RGB
};

// Read once for all who hold it at the same time. Throws Error("bad-network" | "file-not-found" |
// "file-not-readable"); refuses truncated files, shapes that do not fit and values that are not
// finite.
std::shared_ptr<const Detailer> load_detailer(const std::string& path);

}  // namespace impasto
