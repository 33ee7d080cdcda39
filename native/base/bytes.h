// Plain values to bytes and back, for checkpoints read by the machine that wrote them.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/error.h"

namespace impasto {

class ByteWriter {
 public:
  template <typename T>
  void put(const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    append(&value, sizeof(T));
  }
  void put(const std::vector<float>& values) {
    put<std::uint64_t>(values.size());
    append(values.data(), values.size() * sizeof(float));
  }
  std::vector<std::uint8_t> take() { return std::move(bytes_); }

 private:
  void append(const void* data, std::size_t count) {
    const auto* from = static_cast<const std::uint8_t*>(data);
    bytes_.insert(bytes_.end(), from, from + count);
  }
  std::vector<std::uint8_t> bytes_;
};

// Throws Error("bad-request") when the bytes end too early or are not what is expected.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  template <typename T>
  T get() {
    static_assert(std::is_trivially_copyable_v<T>);
    T value;
    take(&value, sizeof(T));
    return value;
  }
  // `expected` finite values; another count is another request's checkpoint.
  std::vector<float> get_floats(std::size_t expected) {
    if (get<std::uint64_t>() != expected) fail();
    std::vector<float> values(expected);
    take(values.data(), expected * sizeof(float));
    if (!std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); }))
      fail();
    return values;
  }
  // `count` finite values, as put one by one.
  std::vector<double> get_doubles(std::size_t count) {
    std::vector<double> values(count);
    for (double& value : values) {
      value = get<double>();
      if (!std::isfinite(value)) fail();
    }
    return values;
  }
  void expect_end() const {
    if (!bytes_.empty()) fail();
  }

  [[noreturn]] static void fail() {
    throw Error("bad-request", "The checkpoint does not belong to this request or is damaged.",
                "Start the run without it.");
  }

 private:
  void take(void* target, std::size_t count) {
    if (count > bytes_.size()) fail();
    std::memcpy(target, bytes_.data(), count);
    bytes_ = bytes_.subspan(count);
  }
  std::span<const std::uint8_t> bytes_;
};

}  // namespace impasto
