// Draft, detail, polish: the optimizer decides at a small size where large strokes and colors go,
// the detailer enlarges that in one pass a doubling, the optimizer goes over the first of these for
// a few updates where another follows, and over the result for as many as the settings grant. A
// frame of a sequence begins from the draft and the result of the one before, moved along
// (motion.h), and shares its content's statistics with the whole shot, so that the painted filter
// stands still.
#pragma once

#include "optimize/engine.h"

namespace impasto {

// Throws Error; "cancelled" when the host says so.
Result paint_quick(const Request& request, Host& host);

}  // namespace impasto
