// A long vector kept for later: at 32 bits, or at 16 with the exponent of 32 (bfloat16) where
// memory is short. Eight bits of precision are plenty for what only bends a direction.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace impasto {

class Kept {
 public:
  explicit Kept(std::vector<float> values) : floats_(std::move(values)) {}

  // Half the memory from now on. The values are finite.
  void shorten();

  std::size_t size() const { return floats_.empty() ? shorts_.size() : floats_.size(); }
  std::vector<float> values() const;

  // y += factor · this
  void add_to(std::span<float> y, double factor) const;
  friend double dot(const Kept& a, std::span<const float> b);
  friend double dot(const Kept& a, const Kept& b);

 private:
  // visit(begin, values from there on), block by block: one where they are floats.
  template <class Visit>
  void each_block(Visit visit) const;

  std::vector<float> floats_;
  std::vector<std::uint16_t> shorts_;  // instead of floats_
};

}  // namespace impasto
