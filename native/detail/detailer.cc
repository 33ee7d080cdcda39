#include "detail/detailer.h"

#include <cmath>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/path.h"
#include "network/file_cache.h"
#include "network/json.h"
#include "network/safetensors.h"

namespace impasto {
namespace {

constexpr int kPlanVersion = 1;
constexpr int kMostLevels = 5;
constexpr int kFewestLevels = 3;
constexpr std::int64_t kMaxChannels = 4096;
constexpr int kMaxConvolutions = 16;

Error bad_detailer(const std::string& path, const std::string& why) {
  return Error("bad-network",
               "The detailer " + utf8_of(path_of(path).filename()) + " is not usable: " + why + ".",
               "Reinstall Impasto, or name a detailer that was made for this version.", path);
}

const std::string& metadata_text(const SafetensorsFile& file, const std::string& key,
                                 const std::string& path) {
  const auto found = file.metadata().find(key);
  if (found == file.metadata().end()) throw bad_detailer(path, "its metadata lacks " + key);
  return found->second;
}

const Json* field(const Json& json, const char* name) {
  const JsonObject* object = json.as<JsonObject>();
  if (object == nullptr) return nullptr;
  const auto found = object->find(name);
  return found == object->end() ? nullptr : &found->second;
}

// Throws when the plan lacks the number or it lies outside.
double number_in(const Json& json, const char* name, double low, double high,
                 const std::string& path) {
  const Json* value = field(json, name);
  const double* number = value == nullptr ? nullptr : value->as<double>();
  if (number == nullptr || !(*number >= low && *number <= high)) {
    throw bad_detailer(path, std::string("its plan has no usable ") + name);
  }
  return *number;
}

int count_in(const Json& json, const char* name, int low, int high, const std::string& path) {
  const double value = number_in(json, name, low, high, path);
  if (value != std::floor(value)) {
    throw bad_detailer(path, std::string("its plan has no usable ") + name);
  }
  return static_cast<int>(value);
}

// `in_channels` unset: whatever the file has, which the encoder's widths must fit.
DetailConvolution read_convolution(SafetensorsFile& file, const std::string& name,
                                   std::optional<int> in_channels, int out_channels,
                                   const std::string& path) {
  const auto weight = file.tensors().find(name + ".weight");
  const auto bias = file.tensors().find(name + ".bias");
  if (weight == file.tensors().end() || bias == file.tensors().end()) {
    throw bad_detailer(path, name + " lacks its weight or its bias");
  }
  const auto& shape = weight->second.shape;
  const bool fits = shape.size() == 4 && shape[0] == out_channels && shape[1] >= 1 &&
                    shape[1] <= kMaxChannels && (!in_channels || shape[1] == *in_channels) &&
                    shape[2] == 3 && shape[3] == 3 &&
                    bias->second.shape == std::vector<std::int64_t>{out_channels};
  if (!fits) throw bad_detailer(path, name + " has not the shape that its plan says");
  return {static_cast<int>(shape[1]), out_channels, file.read(weight->first),
          file.read(bias->first)};
}

std::shared_ptr<const Detailer> read_detailer(const std::string& path, const std::string&) {
  SafetensorsFile file(path);
  if (metadata_text(file, "kind", path) != "detailer") {
    throw bad_detailer(path, "it is a file of another kind");
  }
  auto detailer = std::make_shared<Detailer>();
  detailer->encoder = metadata_text(file, "encoder", path);
  const std::optional<Json> parsed = parse_json(metadata_text(file, "plan", path));
  if (!parsed) throw bad_detailer(path, "its plan is damaged");
  const Json& plan = *parsed;
  count_in(plan, "version", kPlanVersion, kPlanVersion, path);
  detailer->mix = number_in(plan, "mix", 0, 1, path);
  detailer->ridge = number_in(plan, "ridge", 1e-9, 1, path);
  const Json* levels = field(plan, "levels");
  const JsonArray* list = levels == nullptr ? nullptr : levels->as<JsonArray>();
  if (list == nullptr || list->size() < kFewestLevels || list->size() > kMostLevels) {
    throw bad_detailer(path, "its plan has not three to five levels");
  }
  int block = static_cast<int>(list->size());
  for (const Json& described : *list) {
    DetailLevel level;
    level.layer = "relu" + std::to_string(block) + "_1";
    const Json* layer = field(described, "layer");
    const std::string* name = layer == nullptr ? nullptr : layer->as<std::string>();
    if (name == nullptr || *name != level.layer) {
      throw bad_detailer(path, "its plan's levels are not those down to relu1_1");
    }
    const int channels = count_in(described, "channels", 1, kMaxChannels, path);
    level.noise = count_in(described, "noise", 0, kMaxChannels, path);
    const int convolutions = count_in(described, "convolutions", 1, kMaxConvolutions, path);
    std::optional<int> incoming;
    for (int i = 1; i <= convolutions; ++i) {
      const std::string stem = "level" + std::to_string(block) + ".conv" + std::to_string(i);
      level.convolutions.push_back(read_convolution(file, stem, incoming, channels, path));
      incoming = channels;
    }
    detailer->levels.push_back(std::move(level));
    --block;
  }
  const int last = detailer->levels.back().convolutions.back().out_channels;
  detailer->out = read_convolution(file, "out", last, 3, path);
  return detailer;
}

}  // namespace

std::shared_ptr<const Detailer> load_detailer(const std::string& path) {
  static FileCache<Detailer> cache;
  return cache.load(path, read_detailer);
}

}  // namespace impasto
