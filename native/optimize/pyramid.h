// A smoothing map over a picture's scales: what natural pictures look like before anything is known
// of one. Their spectrum falls with the square of the frequency (Field 1987); a descent that starts
// every step from there changes broad forms first and leaves pixel-sized noise, which losses hardly
// see, alone.
#pragma once

#include <span>
#include <vector>

namespace impasto {

// Σ over levels k of weightᵏ · Uᵏ Dᵏ x for planes [channels, height, width], D the binomial
// half-size and U its transpose: symmetric and positive. Keeps the size.
std::vector<float> smooth_over_scales(std::span<const float> x, int channels, int height, int width,
                                      int levels, double weight);

}  // namespace impasto
