#include "checkpoint.h"

namespace impasto {
namespace {

// "IMPC" and the version of the layout.
constexpr std::uint32_t kMagic = 0x43504d49;
constexpr std::uint32_t kVersion = 1;

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
                    header.iteration >= 0 && header.total_iteration >= 0;
  if (!fits) ByteReader::fail();
  return header;
}

}  // namespace impasto
