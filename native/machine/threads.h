// How many cores there are for computing, and whether threads can be had for them.
#pragma once

#include <string>

#include "base/error.h"

namespace impasto {

// Threads that a run takes where nobody says how many: the physical cores that this process may
// use, two of two hyperthreads, and no more than its container has time for. At least 1.
int default_threads();

// Throws Error("out-of-threads") where the system would not make so many more. To be asked before
// a library makes its own: one that is refused halfway ends the process or blames something else.
void require_threads(int count);

// Error("out-of-threads"); `detail` is what the system said.
Error out_of_threads(const std::string& detail);

}  // namespace impasto
