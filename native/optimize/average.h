// Average over iterates: exponential with bias correction (as Adam's moments), so that the first
// iterates do not weigh more than they should.
#pragma once

#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"

namespace impasto {

class Average {
 public:
  // decay: 0 … 1; 0 keeps the last iterate.
  explicit Average(double decay) : decay_(decay) {}

  void add(std::span<const float> x) {
    sum_.resize(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
      sum_[i] = static_cast<float>(decay_ * sum_[i] + (1 - decay_) * x[i]);
    }
    ++count_;
  }
  void clear() {
    sum_.clear();
    count_ = 0;
  }
  bool empty() const { return count_ == 0; }

  std::vector<float> value() const {
    const double correction = 1 / (1 - std::pow(decay_, count_));
    std::vector<float> result(sum_.size());
    for (std::size_t i = 0; i < result.size(); ++i)
      result[i] = static_cast<float>(sum_[i] * correction);
    return result;
  }

  void save(ByteWriter& writer) const {
    writer.put(count_);
    writer.put(sum_);
  }
  void load(ByteReader& reader, std::size_t size) {
    count_ = reader.get<std::int64_t>();
    if (count_ < 0) ByteReader::fail();
    sum_ = reader.get_floats(count_ == 0 ? 0 : size);
  }

 private:
  double decay_;
  std::int64_t count_ = 0;
  std::vector<float> sum_;
};

}  // namespace impasto
