// Paths come from JavaScript as UTF-8, which std::filesystem takes for the ANSI code page on
// Windows unless it is told.
#pragma once

#include <filesystem>
#include <string>

namespace impasto {

inline std::filesystem::path path_of(const std::string& utf8) {
  return std::u8string(utf8.begin(), utf8.end());
}

inline std::string utf8_of(const std::filesystem::path& path) {
  const std::u8string text = path.u8string();
  return {text.begin(), text.end()};
}

}  // namespace impasto
