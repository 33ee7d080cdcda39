// A safetensors file: 8 bytes length, a JSON header, then raw tensors. Only what networks need:
// float32 and float16, read one tensor at a time, so that the file never stands in memory whole.
#pragma once

#include <cstdint>
#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace impasto {

struct TensorEntry {
  bool half = false;  // F16, else F32
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0;  // bytes from the start of the file
  std::uint64_t end = 0;
};

class SafetensorsFile {
 public:
  // Throws Error("file-not-found" | "file-not-readable" | "bad-network"). Tensors of other types
  // than F32 and F16 are left out.
  explicit SafetensorsFile(const std::string& path);

  const std::map<std::string, TensorEntry, std::less<>>& tensors() const { return tensors_; }
  const std::map<std::string, std::string, std::less<>>& metadata() const { return metadata_; }

  // As float32. Throws Error("bad-network") when a value is not finite.
  std::vector<float> read(const std::string& name);

 private:
  std::string path_;
  std::ifstream file_;
  std::map<std::string, TensorEntry, std::less<>> tensors_;
  std::map<std::string, std::string, std::less<>> metadata_;
};

// IEEE 754 binary16 to float.
float half_to_float(std::uint16_t half);

}  // namespace impasto
