// Seeded numbers, the same on every platform up to the last bit of log and cos.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>

namespace impasto {

// SplitMix64 (Steele, Lea & Flood 2014).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  // In (0, 1].
  double uniform() {
    state_ += 0x9e3779b97f4a7c15u;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    z ^= z >> 31;
    return static_cast<double>((z >> 11) + 1) * 0x1.0p-53;
  }

  // Around 0 with deviation `deviation` (Box & Muller 1958, one of the pair).
  double normal(double deviation = 1) {
    const double radius = std::sqrt(-2 * std::log(uniform()));
    return deviation * radius * std::cos(2 * std::numbers::pi * uniform());
  }

 private:
  std::uint64_t state_;
};

}  // namespace impasto
