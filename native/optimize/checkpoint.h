// The head of a checkpoint: says which run it belongs to and where that run stood.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "base/settings.h"
#include "optimize/balance.h"
#include "optimize/schedule.h"

namespace impasto {

struct CheckpointHeader {
  Size result;
  int scale_index = 0;
  int iteration = 0;
  int total_iteration = 0;
  OptimizerKind optimizer = OptimizerKind::kLbfgs;
  double seconds = 0;  // of work, so that a time budget is not granted anew
};

void write_header(ByteWriter& writer, const CheckpointHeader& header);

// Throws Error("bad-request") when the bytes are none of ours or belong to a run of another size or
// optimizer.
CheckpointHeader read_header(ByteReader& reader, Size result, int scale_count,
                             OptimizerKind optimizer);

void put_yardstick(ByteWriter& writer, const std::optional<Yardstick>& yardstick);
std::optional<Yardstick> get_yardstick(ByteReader& reader, const Settings& settings);

}  // namespace impasto
