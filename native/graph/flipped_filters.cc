#include "graph/flipped_filters.h"

#include <map>
#include <mutex>

namespace impasto {
namespace {

std::vector<float> flip(const Convolution& convolution) {
  const std::size_t in = static_cast<std::size_t>(convolution.in_channels);
  const std::size_t out = static_cast<std::size_t>(convolution.out_channels);
  const bool after_pool = convolution.layer.ends_with("_1") && convolution.layer != "relu1_1";
  const float scale = after_pool ? 0.25f : 1.0f;
  std::vector<float> flipped(convolution.weight.size());
  for (std::size_t o = 0; o < out; ++o) {
    for (std::size_t i = 0; i < in; ++i) {
      const float* source = convolution.weight.data() + (o * in + i) * 9;
      float* target = flipped.data() + (i * out + o) * 9;
      for (std::size_t k = 0; k < 9; ++k) target[k] = scale * source[8 - k];
    }
  }
  return flipped;
}

}  // namespace

std::shared_ptr<const FlippedFilters> flipped_filters(std::shared_ptr<const Network> network) {
  static std::mutex mutex;
  static std::map<const Network*, std::weak_ptr<const FlippedFilters>> cache;
  std::lock_guard lock(mutex);
  std::erase_if(cache, [](const auto& entry) { return entry.second.expired(); });
  if (auto found = cache.find(network.get()); found != cache.end()) {
    if (auto shared = found->second.lock()) return shared;
  }
  auto result = std::make_shared<FlippedFilters>();
  for (const Convolution& convolution : network->convolutions) {
    result->filters.push_back(flip(convolution));
  }
  result->network = network;
  cache[network.get()] = result;
  return result;
}

}  // namespace impasto
