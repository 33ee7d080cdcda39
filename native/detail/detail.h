// Draft → picture of twice the size (or any size above), painted in a style's statistics by one
// pass of the detailer. The statistics are those of the whole picture also where it is painted in
// windows, so that no window shows.
#pragma once

#include <functional>
#include <memory>

#include "detail/detailer.h"
#include "detail/transport.h"
#include "image/picture.h"
#include "objective/objective.h"

namespace impasto {

// Painted at once; more memory spares overlaps.
constexpr double kDetailWindowPixels = 1.1e6;
// At quarter width; measured.
constexpr double kDetailBytesPerPixel = 1000;
// Features that wait for the decoder, of the whole picture.
constexpr double kDetailKeptBytesPerPixel = 58;

struct DetailTools {
  std::shared_ptr<const Network> encoder;
  std::shared_ptr<const Detailer> detailer;
  DeviceOptions device;
  Watch watch = {};  // of the session in work: what cancel() interrupts
  double window_pixels = kDetailWindowPixels;
};

// Throws Error("bad-network") when the two were not made for each other.
DetailTools open_detail_tools(const std::string& network_path, const std::string& detailer_path,
                              const DeviceOptions& device);

// A style picture's statistics at its own size.
Gaussians measure_gaussians(const DetailTools& tools, const Picture& style);

struct DetailStep {
  Gaussians style;
  double share = 1;  // 0: the content's own statistics
  std::uint32_t seed = 0;
  // Of the frames before this one, to which this one's are added; null: the picture stands alone.
  Gaussians* shot = nullptr;
  std::function<void(double)> progress;  // 0 … 1; may throw to end the work
};

// `draft`: [3, h, w], smaller than `content`. Returns [3, H, W] of the content's size, in 0 … 1.
Image add_detail(const DetailTools& tools, const Image& draft, const Picture& content,
                 const DetailStep& step);

}  // namespace impasto
