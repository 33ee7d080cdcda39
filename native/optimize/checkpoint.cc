#include "optimize/checkpoint.h"

#include <cmath>
#include <vector>

namespace impasto {
namespace {

// "IMPC" and the version of the layout.
constexpr std::uint32_t kMagic = 0x43504d49;
constexpr std::uint32_t kVersion = 2;
// Of iterations; more than any run has.
constexpr int kMost = 1 << 30;

}  // namespace

void write_header(ByteWriter& writer, const CheckpointHeader& header) {
  writer.put(kMagic);
  writer.put(kVersion);
  writer.put(header);
}

CheckpointHeader read_header(ByteReader& reader, Size result, int scale_count,
                             OptimizerKind optimizer) {
  if (reader.get<std::uint32_t>() != kMagic || reader.get<std::uint32_t>() != kVersion)
    ByteReader::fail();
  const auto header = reader.get<CheckpointHeader>();
  const bool fits = header.result == result && header.optimizer == optimizer &&
                    header.scale_index >= 0 && header.scale_index < scale_count &&
                    header.iteration >= 0 && header.total_iteration >= header.iteration &&
                    header.total_iteration <= kMost && std::isfinite(header.seconds) &&
                    header.seconds >= 0;
  if (!fits) ByteReader::fail();
  return header;
}

void put_yardstick(ByteWriter& writer, const std::optional<Yardstick>& yardstick) {
  writer.put<std::uint8_t>(yardstick.has_value() ? 1 : 0);
  if (!yardstick) return;
  for (const auto* terms : {&yardstick->content_terms, &yardstick->style_terms}) {
    for (const auto& layers : *terms) {
      for (const double value : layers) writer.put(value);
    }
  }
}

std::optional<Yardstick> get_yardstick(ByteReader& reader, const Settings& settings) {
  if (reader.get<std::uint8_t>() == 0) return std::nullopt;
  Yardstick yardstick;
  for (std::size_t term = 0; term < feature_terms(settings).size(); ++term) {
    yardstick.content_terms.push_back(reader.get_doubles(settings.content_layers.size()));
  }
  for (std::size_t term = 0; term < settings.style_terms.size(); ++term) {
    yardstick.style_terms.push_back(reader.get_doubles(settings.style_layers.size()));
  }
  return yardstick;
}

}  // namespace impasto
