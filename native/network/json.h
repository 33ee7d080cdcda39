// JSON as a value, for the header of a safetensors file. Strict, bounded in depth, without
// exceptions.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace impasto {

struct Json;
using JsonArray = std::vector<Json>;
using JsonObject = std::map<std::string, Json, std::less<>>;

struct Json {
  std::variant<std::nullptr_t, bool, double, std::string, JsonArray, JsonObject> value = nullptr;

  // The value as T, or null when it is another type.
  template <class T>
  const T* as() const {
    return std::get_if<T>(&value);
  }
};

// Nothing where the text is not JSON. The caller, who knows the file's name, says so.
std::optional<Json> parse_json(std::string_view text);

}  // namespace impasto
