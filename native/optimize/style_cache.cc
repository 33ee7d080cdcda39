#include "optimize/style_cache.h"

#include <cstring>

#include "base/recent_cache.h"

namespace impasto {
namespace {

// A style at full width is 2.4 MB.
constexpr std::size_t kCapacity = 32;

// FNV-1a over 64-bit words; two seeds make a key of 128 bits. Not for adversaries: a picture made
// to collide would only be given the style of the other.
std::uint64_t hash(const Image& image, std::uint64_t seed) {
  std::uint64_t state = seed;
  const auto mix = [&state](std::uint64_t word) {
    state = (state ^ word) * 0x100000001b3u;
    state ^= state >> 29;
  };
  mix(static_cast<std::uint64_t>(image.width) << 32 | static_cast<std::uint32_t>(image.height));
  std::size_t i = 0;
  for (; i + 2 <= image.data.size(); i += 2) {
    std::uint64_t word;
    std::memcpy(&word, &image.data[i], sizeof(word));
    mix(word);
  }
  if (i < image.data.size()) {
    std::uint32_t word;
    std::memcpy(&word, &image.data[i], sizeof(word));
    mix(word);
  }
  return state;
}

}  // namespace

std::string content_key(const Picture& picture) {
  std::string key;
  for (const std::uint64_t seed : {0xcbf29ce484222325u, 0x9ae16a3b2f90404fu}) {
    key += std::to_string(hash(picture.rgb, seed)) + ":";
    if (picture.alpha) key += std::to_string(hash(*picture.alpha, seed)) + ":";
  }
  return key;
}

MeasuredStyle cached_style(const std::string& key, const std::function<MeasuredStyle()>& measure) {
  static RecentCache<MeasuredStyle> styles(kCapacity);
  return styles.get(key, measure);
}

Gaussians cached_gaussians(const std::string& key, const std::function<Gaussians()>& measure) {
  static RecentCache<Gaussians> styles(kCapacity);
  return styles.get(key, measure);
}

}  // namespace impasto
