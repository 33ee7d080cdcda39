#include "network/json.h"

#include <charconv>
#include <cstdint>
#include <locale>
#include <sstream>

namespace impasto {
namespace {

constexpr int kMaxDepth = 16;

struct Malformed {};

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Json document() {
    Json result = value(0);
    skip_space();
    if (at_ != text_.size()) fail();
    return result;
  }

 private:
  [[noreturn]] void fail() const { throw Malformed{}; }

  void skip_space() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != text_.npos) ++at_;
  }

  bool accept(char wanted) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }

  void expect(char wanted) {
    if (!accept(wanted)) fail();
  }

  bool accept_word(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  Json value(int depth) {
    if (depth > kMaxDepth) fail();
    skip_space();
    if (at_ >= text_.size()) fail();
    switch (text_[at_]) {
      case '{':
        return Json{object(depth)};
      case '[':
        return Json{array(depth)};
      case '"':
        return Json{string()};
      default:
        if (accept_word("true")) return Json{true};
        if (accept_word("false")) return Json{false};
        if (accept_word("null")) return Json{nullptr};
        return Json{number()};
    }
  }

  JsonObject object(int depth) {
    JsonObject result;
    expect('{');
    if (accept('}')) return result;
    do {
      skip_space();
      std::string key = string();
      expect(':');
      if (!result.emplace(std::move(key), value(depth + 1)).second) fail();
    } while (accept(','));
    expect('}');
    return result;
  }

  JsonArray array(int depth) {
    JsonArray result;
    expect('[');
    if (accept(']')) return result;
    do {
      result.push_back(value(depth + 1));
    } while (accept(','));
    expect(']');
    return result;
  }

  double number() {
    // Streams also take "inf" and "nan", which JSON has not. from_chars for double is missing in
    // LLVM 18's library.
    if (std::string_view("-0123456789").find(text_[at_]) == text_.npos) fail();
    std::string_view::size_type end = text_.find_first_not_of("+-.0123456789eE", at_);
    if (end == text_.npos) end = text_.size();
    std::istringstream stream{std::string(text_.substr(at_, end - at_))};
    stream.imbue(std::locale::classic());
    double result = 0;
    if (!(stream >> result) || stream.peek() != std::istringstream::traits_type::eof()) fail();
    at_ = end;
    return result;
  }

  std::uint32_t hex4() {
    std::uint32_t code = 0;
    if (text_.size() - at_ < 4) fail();
    auto [stop, error] = std::from_chars(text_.data() + at_, text_.data() + at_ + 4, code, 16);
    if (error != std::errc() || stop != text_.data() + at_ + 4) fail();
    at_ += 4;
    return code;
  }

  void append_utf8(std::string& out, std::uint32_t code) {
    if (code < 0x80) {
      out += static_cast<char>(code);
    } else if (code < 0x800) {
      out += static_cast<char>(0xC0 | (code >> 6));
      out += static_cast<char>(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
      out += static_cast<char>(0xE0 | (code >> 12));
      out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
      out += static_cast<char>(0x80 | (code & 0x3F));
    } else {
      out += static_cast<char>(0xF0 | (code >> 18));
      out += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
      out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
      out += static_cast<char>(0x80 | (code & 0x3F));
    }
  }

  std::uint32_t escaped_code() {
    std::uint32_t code = hex4();
    bool high = code >= 0xD800 && code < 0xDC00;
    if (!high) return code >= 0xDC00 && code < 0xE000 ? 0xFFFD : code;
    if (text_.substr(at_, 2) != "\\u") return 0xFFFD;
    at_ += 2;
    std::uint32_t low = hex4();
    if (low < 0xDC00 || low >= 0xE000) return 0xFFFD;
    return 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
  }

  std::string string() {
    if (at_ >= text_.size() || text_[at_] != '"') fail();
    ++at_;
    std::string result;
    while (true) {
      if (at_ >= text_.size()) fail();
      char c = text_[at_++];
      if (c == '"') return result;
      if (static_cast<unsigned char>(c) < 0x20) fail();
      if (c != '\\') {
        result += c;
        continue;
      }
      if (at_ >= text_.size()) fail();
      char escape = text_[at_++];
      constexpr std::string_view kFrom = "\"\\/bfnrt";
      constexpr std::string_view kTo = "\"\\/\b\f\n\r\t";
      if (escape == 'u') {
        append_utf8(result, escaped_code());
      } else if (auto index = kFrom.find(escape); index != kFrom.npos) {
        result += kTo[index];
      } else {
        fail();
      }
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::optional<Json> parse_json(std::string_view text) {
  try {
    return Parser(text).document();
  } catch (const Malformed&) {
    return std::nullopt;
  }
}

}  // namespace impasto
