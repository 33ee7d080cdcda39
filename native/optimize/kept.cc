#include "optimize/kept.h"

#include <algorithm>
#include <array>
#include <bit>

#include "optimize/vector.h"

namespace impasto {
namespace {

constexpr std::size_t kBlock = 4096;

float lengthened(std::uint16_t value) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(value) << 16);
}

// To the nearest, ties to even.
std::uint16_t shortened(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return static_cast<std::uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

}  // namespace

template <class Visit>
void Kept::each_block(Visit visit) const {
  if (!floats_.empty()) {
    visit(0, std::span<const float>(floats_));
    return;
  }
  std::array<float, kBlock> block;
  for (std::size_t begin = 0; begin < shorts_.size(); begin += kBlock) {
    const std::size_t count = std::min(kBlock, shorts_.size() - begin);
    for (std::size_t i = 0; i < count; ++i) block[i] = lengthened(shorts_[begin + i]);
    visit(begin, std::span<const float>(block).first(count));
  }
}

void Kept::shorten() {
  if (floats_.empty()) return;
  shorts_.resize(floats_.size());
  std::transform(floats_.begin(), floats_.end(), shorts_.begin(), shortened);
  // Not {}, which would keep the room.
  floats_ = std::vector<float>();
}

std::vector<float> Kept::values() const {
  std::vector<float> result(size());
  each_block([&](std::size_t begin, std::span<const float> values) {
    std::copy(values.begin(), values.end(), result.begin() + static_cast<std::ptrdiff_t>(begin));
  });
  return result;
}

void Kept::add_to(std::span<float> y, double factor) const {
  each_block([&](std::size_t begin, std::span<const float> values) {
    add_scaled(y.subspan(begin, values.size()), factor, values);
  });
}

double dot(const Kept& a, std::span<const float> b) {
  double sum = 0;
  a.each_block([&](std::size_t begin, std::span<const float> values) {
    sum += dot(values, b.subspan(begin, values.size()));
  });
  return sum;
}

double dot(const Kept& a, const Kept& b) {
  if (!b.floats_.empty()) return dot(a, std::span<const float>(b.floats_));
  double sum = 0;
  std::array<float, kBlock> block;
  a.each_block([&](std::size_t begin, std::span<const float> values) {
    for (std::size_t i = 0; i < values.size(); ++i) block[i] = lengthened(b.shorts_[begin + i]);
    sum += dot(values, std::span<const float>(block).first(values.size()));
  });
  return sum;
}

}  // namespace impasto
