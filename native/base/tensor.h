// Pixels and feature maps as plain memory. Nothing here knows ONNX Runtime or Node.
#pragma once

#include <cstddef>
#include <vector>

namespace impasto {

// Planar [channels, height, width] float32. As a picture: sRGB-encoded, 0 … 1, RGB.
struct Image {
  int channels = 0;
  int height = 0;
  int width = 0;
  std::vector<float> data;

  std::size_t plane() const { return static_cast<std::size_t>(height) * width; }
  std::size_t size() const { return plane() * channels; }
};

}  // namespace impasto
