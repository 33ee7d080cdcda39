// What people are told of parts of a picture that are too small, in words without layers' sizes.
#pragma once

#include <string>
#include <vector>

#include "base/tensor.h"

namespace impasto {

// "The part for style 2"; styles count from 1.
std::string name_styles(const std::vector<std::size_t>& styles, std::size_t count);

// What a part cannot take from its style; empty when it has all of `wanted`.
std::string note_missing_layers(const std::string& part, const std::vector<std::string>& wanted,
                                const std::vector<std::string>& has);

// Throws Error("bad-request").
[[noreturn]] void refuse_small_part(const std::string& part);
// Throws Error("bad-request") unless something of a picture counts: what is neither transparent nor
// protected.
void require_paintable(const Image& visible);

}  // namespace impasto
