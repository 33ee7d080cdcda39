#include "paint/shot.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/bytes.h"

namespace impasto {
namespace {

// "IMPS" and the version of the layout.
constexpr std::uint32_t kMagic = 0x53504d49;
constexpr std::uint32_t kVersion = 1;
// More than any draft, sequence of detail steps or network has.
constexpr int kMostPixels = 16384 * 16384;
constexpr std::uint32_t kMostParts = 64;
constexpr std::uint32_t kMostChannels = 2048;

void put_image(ByteWriter& writer, const Image& image) {
  writer.put(image.height);
  writer.put(image.width);
  writer.put(image.data);
}

Image get_size(ByteReader& reader) {
  const int height = reader.get<int>(), width = reader.get<int>();
  if (height < 1 || width < 1 || height > kMostPixels / width) ByteReader::fail();
  return {3, height, width, {}};
}

Image get_image(ByteReader& reader) {
  Image image = get_size(reader);
  image.data = reader.get_floats(image.size());
  return image;
}

void put_bytes_of(ByteWriter& writer, const Image& image) {
  writer.put(image.height);
  writer.put(image.width);
  for (const float value : image.data)
    writer.put(static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0f, 1.0f) * 255)));
}

Image get_bytes_of(ByteReader& reader) {
  Image image = get_size(reader);
  image.data.resize(image.size());
  for (float& value : image.data) value = static_cast<float>(reader.get<std::uint8_t>()) / 255;
  return image;
}

void put_doubles(ByteWriter& writer, const std::vector<double>& values) {
  for (const double value : values) writer.put(value);
}

std::uint32_t get_count(ByteReader& reader, std::uint32_t most) {
  const auto count = reader.get<std::uint32_t>();
  if (count > most) ByteReader::fail();
  return count;
}

}  // namespace

std::vector<std::uint8_t> save_shot(const Shot& shot) {
  ByteWriter writer;
  writer.put(kMagic);
  writer.put(kVersion);
  put_image(writer, shot.content);
  put_image(writer, shot.draft);
  put_bytes_of(writer, shot.result);
  writer.put(static_cast<std::uint32_t>(shot.content_statistics.size()));
  for (const Gaussians& step : shot.content_statistics) {
    writer.put(static_cast<std::uint32_t>(step.size()));
    for (const auto& [layer, gaussian] : step) {
      writer.put(static_cast<std::uint32_t>(layer.size()));
      for (const char letter : layer) writer.put(letter);
      writer.put(static_cast<std::uint32_t>(gaussian.channels()));
      writer.put(gaussian.area);
      put_doubles(writer, gaussian.mean);
      put_doubles(writer, gaussian.covariance);
    }
  }
  return writer.take();
}

Shot load_shot(std::span<const std::uint8_t> bytes) {
  ByteReader reader(bytes);
  if (reader.get<std::uint32_t>() != kMagic || reader.get<std::uint32_t>() != kVersion)
    ByteReader::fail();
  Shot shot;
  shot.content = get_image(reader);
  shot.draft = get_image(reader);
  shot.result = get_bytes_of(reader);
  if (shot.draft.height != shot.content.height || shot.draft.width != shot.content.width)
    ByteReader::fail();
  shot.content_statistics.resize(get_count(reader, kMostParts));
  for (Gaussians& step : shot.content_statistics) {
    for (std::uint32_t layers = get_count(reader, kMostParts); layers > 0; --layers) {
      std::string layer(get_count(reader, kMostParts), ' ');
      for (char& letter : layer) letter = reader.get<char>();
      const std::size_t channels = get_count(reader, kMostChannels);
      Gaussian& gaussian = step[layer];
      gaussian.area = reader.get_doubles(1).front();
      gaussian.mean = reader.get_doubles(channels);
      gaussian.covariance = reader.get_doubles(channels * channels);
    }
  }
  reader.expect_end();
  return shot;
}

}  // namespace impasto
