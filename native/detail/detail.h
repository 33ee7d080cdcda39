// Draft → picture of twice the size (or any size above), painted in a style's statistics by one
// pass of the detailer. The statistics are those of the whole picture also where it is painted in
// windows, so that no window shows.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/settings.h"
#include "detail/detailer.h"
#include "detail/transport.h"
#include "image/picture.h"
#include "objective/objective.h"

namespace impasto {

// Painted at once; more memory spares overlaps.
constexpr double kDetailWindowPixels = 0.8e6;

struct DetailTools {
  std::shared_ptr<const Network> encoder;
  std::shared_ptr<const Detailer> detailer;
  DeviceOptions device;
  Watch watch = {};  // of what is in work: what cancel() interrupts
  double window_pixels = kDetailWindowPixels;
};

// Throws Error("bad-network") when the two were not made for each other.
DetailTools open_detail_tools(const std::string& network_path, const std::string& detailer_path,
                              const DeviceOptions& device);

// What add_detail() takes beside its pictures, at quarter width.
double predict_detail_bytes(const DeviceOptions& device, int height, int width);

// A style picture's statistics at its own size.
Gaussians measure_gaussians(const DetailTools& tools, const Picture& style);

struct DetailStep {
  Gaussians style;
  Carry carry = Carry::kTransport;
  double share = 1;  // 0: the content's own statistics; above 1: beyond the style's
  std::uint32_t seed = 0;
  // Of the frames before this one, to which this one's are added; null: the picture stands alone.
  Gaussians* shot = nullptr;
  std::function<void(double)> progress;  // 0 … 1; may throw to end the work
};

// `draft`: [3, h, w], smaller than `content`. Returns [3, H, W] of the content's size, in 0 … 1.
Image add_detail(const DetailTools& tools, const Image& draft, const Picture& content,
                 const DetailStep& step);

// What the decoder reads of a small picture that is painted at once.
struct Carried {
  Image mixed;                            // [3, h, w], a multiple of 16 on each side
  std::map<std::string, Image> features;  // by layer, in the style's statistics
};
Carried carry_features(const DetailTools& tools, const Image& draft, const Image& content,
                       const Gaussians& style, double share);

}  // namespace impasto
