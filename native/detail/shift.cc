#include "detail/shift.h"

#include <algorithm>
#include <utility>

#include "detail/maps.h"
#include "machine/threads.h"

namespace impasto {
namespace {

// A pixel of a deep window takes so much less memory, and its computing so much less time.
constexpr double kDeepShare = 0.25;
// With more threads than that each window gets several: windows have to be of a size.
constexpr int kMostWorkers = 4;

}  // namespace

int threads_of(const DetailTools& tools) {
  return tools.device.threads > 0 ? tools.device.threads : default_threads();
}

Shift shallow_shift(const DetailTools& tools, int height, int width, int halo) {
  const int most = tools.device.kind == DeviceKind::kCpu ? kMostWorkers : 1;
  Shift shift;
  shift.windows = share_out(width, height, halo, kMultiple, tools.window_pixels, most);
  shift.threads = threads_of(tools);
  shift.workers = std::min({most, shift.threads, static_cast<int>(shift.windows.list.size())});
  return shift;
}

Shift deep_shift(const DetailTools& tools, int height, int width, int halo) {
  Shift shift;
  shift.windows = share_out(width, height, halo, kMultiple, tools.window_pixels / kDeepShare, 1);
  shift.threads = threads_of(tools);
  shift.weight = kDeepShare;
  return shift;
}

Tally::Tally(std::initializer_list<const Shift*> shifts, std::function<void(double)> progress)
    : progress_(std::move(progress)) {
  for (const Shift* shift : shifts) all_ += shift->work();
}

void Tally::add(const Shift& shift, std::size_t done) {
  if (!progress_) return;
  const double count = static_cast<double>(shift.windows.list.size());
  progress_((before_ + shift.work() * static_cast<double>(done) / count) / all_);
}

}  // namespace impasto
