// The names of the graphics cards, for people. WebGPU does not say which it took.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace impasto::ort {

struct Adapter {
  std::string name;
  std::string driver;  // changes with card and driver version; empty where the system does not tell
  bool software = false;
  std::uint64_t bytes = 0;  // memory of its own; 0 where it has none, or the system does not tell
};

// The likeliest first.
std::vector<Adapter> list_adapters();

// True where list_adapters() misses none, so that an empty list means no GPU.
bool lists_all_adapters();

}  // namespace impasto::ort
