#include "network/safetensors.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/path.h"
#include "network/json.h"

namespace impasto {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors is little-endian");

constexpr std::uint64_t kMaxHeaderBytes = 4 << 20;
constexpr std::uint64_t kMaxElements = std::uint64_t{1} << 28;

Error bad_file(const std::string& path, const std::string& why) {
  return Error("bad-network", utf8_of(path_of(path).filename()) + " is not usable: " + why + ".",
               "Choose another safetensors file, or fetch the network again.", path);
}

// A count or an offset: a whole number that a double holds exactly.
bool to_count(const Json& json, std::uint64_t& result) {
  const double* number = json.as<double>();
  if (number == nullptr || !(*number >= 0 && *number <= 9e15) || *number != std::floor(*number)) {
    return false;
  }
  result = static_cast<std::uint64_t>(*number);
  return true;
}

const JsonArray* array_at(const JsonObject& entry, std::string_view key) {
  const auto found = entry.find(key);
  return found == entry.end() ? nullptr : found->second.as<JsonArray>();
}

// Nothing where the tensor has a type that is left out. `data_start`: bytes before the data.
std::optional<TensorEntry> read_entry(const std::string& path, const std::string& name,
                                      const JsonObject& entry, std::uint64_t data_start) {
  const auto type = entry.find("dtype");
  const auto* type_name = type == entry.end() ? nullptr : type->second.as<std::string>();
  const JsonArray* extents = array_at(entry, "shape");
  const JsonArray* range = array_at(entry, "data_offsets");
  if (type_name == nullptr || extents == nullptr || range == nullptr || range->size() != 2) {
    throw bad_file(path, "tensor " + name + " is not described");
  }
  TensorEntry tensor;
  tensor.half = *type_name == "F16";
  if (!tensor.half && *type_name != "F32") return std::nullopt;
  std::uint64_t elements = 1;
  for (const Json& extent : *extents) {
    std::uint64_t count = 0;
    if (!to_count(extent, count) || count > kMaxElements) {
      throw bad_file(path, "tensor " + name + " has no usable shape");
    }
    elements *= count;
    if (elements > kMaxElements) throw bad_file(path, "tensor " + name + " is too large");
    tensor.shape.push_back(static_cast<std::int64_t>(count));
  }
  if (!to_count((*range)[0], tensor.begin) || !to_count((*range)[1], tensor.end) ||
      tensor.end < tensor.begin || tensor.end - tensor.begin != elements * (tensor.half ? 2 : 4)) {
    throw bad_file(path, "tensor " + name + " has offsets that do not fit its shape");
  }
  tensor.begin += data_start;
  tensor.end += data_start;
  return tensor;
}

// Opens a regular file that can be read, and returns its size.
std::uint64_t open_file(const std::string& path, std::ifstream& stream) {
  const std::filesystem::path file = path_of(path);
  std::error_code error;
  const auto status = std::filesystem::status(file, error);
  if (!std::filesystem::exists(status)) {
    throw Error("file-not-found", "There is no network file at " + path + ".",
                "Check the path, or use a name from `impasto networks list`.");
  }
  if (!std::filesystem::is_regular_file(status)) throw bad_file(path, "it is not a file");
  const std::uint64_t size = std::filesystem::file_size(file, error);
  stream.open(file, std::ios::binary);
  if (error || !stream) {
    throw Error("file-not-readable", "The network file at " + path + " cannot be read.",
                "Check its permissions.");
  }
  return size;
}

// What stands before the data of a file of `size` bytes, behind its own length.
std::string read_header(const std::string& path, std::ifstream& stream, std::uint64_t size) {
  std::uint64_t header_bytes = 0;
  if (size < 8) throw bad_file(path, "it is truncated");
  stream.read(reinterpret_cast<char*>(&header_bytes), 8);
  if (!stream || header_bytes > kMaxHeaderBytes) {
    throw bad_file(path, "it is not a safetensors file");
  }
  if (header_bytes > size - 8) throw bad_file(path, "it is truncated");
  std::string text(header_bytes, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(header_bytes));
  if (!stream) throw bad_file(path, "it is truncated");
  return text;
}

}  // namespace

// On the bits: millions of filters are waited for. No step meets a subnormal float, which a thread
// may be set to take for zero.
float half_to_float(std::uint16_t half) {
  constexpr std::uint32_t kBiasChange = (127 - 15) << 23;
  constexpr std::uint32_t kInfinity = 0x7F800000;
  constexpr float kSmallestNormal = 0x1p-14f;
  const std::uint32_t sign = (half & 0x8000u) << 16;
  const std::uint32_t magnitude = (half & 0x7FFFu) << 13;
  std::uint32_t bits = magnitude + kBiasChange;
  if ((half & 0x7C00) == 0x7C00) {
    bits = magnitude | kInfinity;
  } else if ((half & 0x7C00) == 0) {
    const float value = std::bit_cast<float>(bits + (1u << 23)) - kSmallestNormal;
    bits = std::bit_cast<std::uint32_t>(value);
  }
  return std::bit_cast<float>(bits | sign);
}

SafetensorsFile::SafetensorsFile(const std::string& path) : path_(path) {
  const std::uint64_t size = open_file(path, file_);
  const std::string text = read_header(path, file_, size);
  const std::optional<Json> header = parse_json(text);
  if (!header) throw bad_file(path, "its header is damaged");
  const JsonObject* entries = header->as<JsonObject>();
  if (entries == nullptr) throw bad_file(path, "its header is not an object");
  for (const auto& [name, json] : *entries) {
    const JsonObject* entry = json.as<JsonObject>();
    if (entry == nullptr) throw bad_file(path, "the header's entry " + name + " is not an object");
    if (name == "__metadata__") {
      for (const auto& [key, value] : *entry) {
        if (const auto* string = value.as<std::string>()) metadata_[key] = *string;
      }
      continue;
    }
    auto tensor = read_entry(path, name, *entry, 8 + text.size());
    if (!tensor) continue;
    if (tensor->end > size) throw bad_file(path, "it is truncated");
    tensors_.emplace(name, std::move(*tensor));
  }
}

std::vector<float> SafetensorsFile::read(const std::string& name) {
  const TensorEntry& tensor = tensors_.at(name);
  const std::size_t bytes = static_cast<std::size_t>(tensor.end - tensor.begin);
  std::vector<float> values(bytes / (tensor.half ? 2 : 4));
  std::vector<std::uint16_t> halves(tensor.half ? values.size() : 0);
  file_.seekg(static_cast<std::streamoff>(tensor.begin));
  file_.read(
      tensor.half ? reinterpret_cast<char*>(halves.data()) : reinterpret_cast<char*>(values.data()),
      static_cast<std::streamsize>(bytes));
  if (!file_) throw bad_file(path_, "it is truncated");
  for (std::size_t i = 0; i < halves.size(); ++i) values[i] = half_to_float(halves[i]);
  for (float value : values) {
    if (!std::isfinite(value))
      throw bad_file(path_, "tensor " + name + " holds values that are no numbers");
  }
  return values;
}

}  // namespace impasto
