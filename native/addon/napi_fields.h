// An object from JavaScript, read field by field. It remembers what it was asked for: what nobody
// asked for is refused by name, and what a reader knows can be told without a second list. A
// missing or wrong field is a TypeError that names it. [js thread]
#pragma once

#include <napi.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/settings.h"

namespace impasto {

class Fields {
 public:
  // Implicit, so that every object can be read.
  Fields(Napi::Object object) : object_(object) {}  // NOLINT(google-explicit-constructor)

  Napi::Env Env() const { return object_.Env(); }
  Napi::Value Get(const std::string& name) const;

  // Of a field whose value is one of a few; returns their words.
  template <typename T>
  const std::vector<std::string>& remember_choices(const std::string& name,
                                                   const std::map<std::string, T>& choices) const {
    std::vector<std::string> words;
    for (const auto& [word, _] : choices) words.push_back(word);
    return read_[name] = words;
  }

  // After the last read. Throws TypeError naming the fields of `what` that nobody asked for.
  void refuse_others(const std::string& what) const;

  // { name: its choices, or null } of every field that was asked for.
  Napi::Object to_js() const;

 private:
  Napi::Object object_;
  mutable std::map<std::string, std::vector<std::string>> read_;
};

// "a, b, c"
std::string joined(const std::vector<std::string>& words);

[[noreturn]] void expected(const Fields& object, const std::string& what, const std::string& name);

Fields read_object(const Fields& object, const std::string& name);
double read_number(const Fields& object, const char* name);
// A TypeError also for a fraction and for what is too large.
int read_integer(const Fields& object, const char* name);
std::uint32_t read_seed(const Fields& object, const char* name);
std::string read_string(const Fields& object, const char* name);
std::vector<std::string> read_strings(const Fields& object, const char* name);
// At least one.
std::vector<Fields> read_objects(const Fields& object, const char* name);

// null stands for "decided by the engine"; undefined is a missing field.
std::optional<double> read_optional_number(const Fields& object, const char* name);
std::optional<int> read_optional_integer(const Fields& object, const char* name);
std::optional<std::vector<double>> read_optional_numbers(const Fields& object, const char* name);

template <typename T>
T read_choice(const Fields& object, const char* name, const std::map<std::string, T>& choices) {
  const std::vector<std::string> words = object.remember_choices(name, choices);
  const Napi::Value value = object.Get(name);
  if (value.IsString()) {
    const auto found = choices.find(value.As<Napi::String>().Utf8Value());
    if (found != choices.end()) return found->second;
  }
  expected(object, "one of " + joined(words), name);
}

// A list of { loss, weight }, each loss one of a few.
template <typename T>
std::vector<Term<T>> read_terms(const Fields& object, const char* name,
                                const std::map<std::string, T>& choices) {
  object.remember_choices(name, choices);
  std::vector<Term<T>> terms;
  for (const Fields& term : read_objects(object, name)) {
    terms.push_back({read_choice(term, "loss", choices), read_number(term, "weight")});
    term.refuse_others(name);
  }
  return terms;
}

// The same as read_choice, where null stands for "decided by the engine".
template <typename T>
std::optional<T> read_optional_choice(const Fields& object, const char* name,
                                      const std::map<std::string, T>& choices) {
  object.remember_choices(name, choices);
  if (object.Get(name).IsNull()) return std::nullopt;
  return read_choice(object, name, choices);
}

}  // namespace impasto
