#include "network/network.h"

#include <cmath>
#include <optional>

#include "base/error.h"
#include "base/path.h"
#include "network/file_cache.h"
#include "network/json.h"
#include "network/safetensors.h"

namespace impasto {
namespace {

// Of Simonyan and Zisserman's (2014) two networks.
constexpr int kVgg16[] = {2, 2, 3, 3, 3};
constexpr int kVgg19[] = {2, 2, 4, 4, 4};
constexpr std::int64_t kMaxChannels = 4096;

Error bad_network(const std::string& path, const std::string& why) {
  return Error("bad-network", utf8_of(path_of(path).filename()) + " is not usable: " + why + ".",
               "A network has convB_I.weight [out, in, 3, 3] and convB_I.bias from conv1_1 on, "
               "and mean and std in its metadata.",
               path);
}

std::array<float, 3> three_numbers(const SafetensorsFile& file, const std::string& key,
                                   const std::string& path) {
  const auto found = file.metadata().find(key);
  if (found == file.metadata().end()) throw bad_network(path, "its metadata lacks " + key);
  const std::optional<Json> json = parse_json(found->second);
  const JsonArray* array = json ? json->as<JsonArray>() : nullptr;
  std::array<float, 3> result{};
  bool fits = array != nullptr && array->size() == 3;
  for (std::size_t i = 0; fits && i < 3; ++i) {
    const double* number = (*array)[i].as<double>();
    fits = number != nullptr && std::abs(*number) < 1e6;
    if (fits) result[i] = static_cast<float>(*number);
  }
  if (!fits) throw bad_network(path, key + " in its metadata is not three numbers");
  return result;
}

// Of a key whose value, where the file has it, is one of a few words.
template <typename T>
std::optional<T> choice(const SafetensorsFile& file, const std::string& key,
                        const std::map<std::string, T>& choices, const std::string& path) {
  const auto found = file.metadata().find(key);
  if (found == file.metadata().end()) return std::nullopt;
  const auto chosen = choices.find(found->second);
  if (chosen != choices.end()) return chosen->second;
  std::string words;
  for (const auto& [word, _] : choices) words += (words.empty() ? "" : ", ") + word;
  throw bad_network(path, key + " in its metadata is none of " + words);
}

Convolution read_convolution(SafetensorsFile& file, const std::string& stem, int in_channels,
                             const std::string& path) {
  const auto weight = file.tensors().find("conv" + stem + ".weight");
  const auto bias = file.tensors().find("conv" + stem + ".bias");
  if (weight == file.tensors().end() || bias == file.tensors().end()) {
    throw bad_network(path, "conv" + stem + " lacks its weight or its bias");
  }
  const auto& shape = weight->second.shape;
  const bool fits = shape.size() == 4 && shape[0] >= 1 && shape[0] <= kMaxChannels &&
                    shape[1] == in_channels && shape[2] == 3 && shape[3] == 3 &&
                    bias->second.shape == std::vector<std::int64_t>{shape[0]};
  if (!fits) {
    throw bad_network(path, "conv" + stem + " has not the shape [out, " +
                                std::to_string(in_channels) + ", 3, 3]");
  }
  Convolution result;
  result.layer = "relu" + stem;
  result.in_channels = in_channels;
  result.out_channels = static_cast<int>(shape[0]);
  result.weight = file.read(weight->first);
  result.bias = file.read(bias->first);
  return result;
}

std::shared_ptr<const Network> read_network(const std::string& path, const std::string& identity) {
  SafetensorsFile file(path);
  auto network = std::make_shared<Network>();
  network->identity = identity;
  network->name = utf8_of(path_of(path).stem());
  const auto& metadata = file.metadata();
  if (const auto found = metadata.find("name"); found != metadata.end()) {
    network->name = found->second;
  }
  network->mean = three_numbers(file, "mean", path);
  network->std = three_numbers(file, "std", path);
  for (float deviation : network->std) {
    if (!(deviation > 1e-6f)) throw bad_network(path, "std in its metadata is not positive");
  }
  network->pooling = choice(file, "pooling", poolings(), path);
  network->padding = choice(file, "padding", paddings(), path);

  int channels = 3;
  bool ended = false;
  const auto holds = [&](const std::string& stem) {
    return file.tensors().contains("conv" + stem + ".weight");
  };
  // VGG16's third block ends where VGG19's goes on.
  const auto& convolutions_per_block = holds("4_1") && !holds("3_4") ? kVgg16 : kVgg19;
  for (int block = 1; block <= 5; ++block) {
    for (int index = 1; index <= kVgg19[block - 1]; ++index) {
      const std::string stem = std::to_string(block) + "_" + std::to_string(index);
      const bool present = holds(stem);
      if (index > convolutions_per_block[block - 1]) {
        if (present) throw bad_network(path, "conv3_4 is missing");
        continue;
      }
      if (present && ended)
        throw bad_network(path, "a convolution before conv" + stem + " is missing");
      ended = !present;
      if (!present) continue;
      network->convolutions.push_back(read_convolution(file, stem, channels, path));
      channels = network->convolutions.back().out_channels;
    }
  }
  if (network->convolutions.empty()) throw bad_network(path, "it has no conv1_1");
  return network;
}

}  // namespace

const std::map<std::string, Pooling>& poolings() {
  static const std::map<std::string, Pooling> words = {{"avg", Pooling::kAverage},
                                                       {"max", Pooling::kMax}};
  return words;
}

const std::map<std::string, Padding>& paddings() {
  static const std::map<std::string, Padding> words = {
      {"zero", Padding::kZero}, {"replicate", Padding::kReplicate}, {"reflect", Padding::kReflect}};
  return words;
}

std::shared_ptr<const Network> load_network(const std::string& path) {
  static FileCache<Network> cache;
  return cache.load(path, read_network);
}

}  // namespace impasto
