// The engine's one exception type. Codes are those of companion/protocol/errors.ts.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace impasto {

class Error : public std::runtime_error {
 public:
  // `detail` is the technical side (a status message, a path), shown under --verbose.
  Error(std::string code, const std::string& message, std::string hint = {},
        std::string detail = {})
      : std::runtime_error(message),
        code_(std::move(code)),
        hint_(std::move(hint)),
        detail_(std::move(detail)) {}

  const std::string& code() const { return code_; }
  const std::string& hint() const { return hint_; }
  const std::string& detail() const { return detail_; }

 private:
  std::string code_;
  std::string hint_;
  std::string detail_;
};

}  // namespace impasto
