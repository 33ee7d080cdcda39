// How many cores there are for computing.
#pragma once

namespace impasto {

// Physical cores that this process may use: hyperthreads of one core share its arithmetic. At
// least 1.
int physical_cores();

}  // namespace impasto
