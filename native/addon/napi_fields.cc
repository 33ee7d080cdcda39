#include "addon/napi_fields.h"

#include <cmath>
#include <limits>

namespace impasto {
namespace {

// To convert what T cannot hold would be undefined behavior.
template <typename T>
T read_whole_number(const Fields& object, const char* name) {
  const double value = read_number(object, name);
  const bool fits = value >= static_cast<double>(std::numeric_limits<T>::min()) &&
                    value <= static_cast<double>(std::numeric_limits<T>::max());
  if (!fits || value != std::trunc(value)) expected(object, "a whole number", name);
  return static_cast<T>(value);
}

}  // namespace

Napi::Value Fields::Get(const std::string& name) const {
  read_.try_emplace(name);
  return object_.Get(name);
}

void Fields::refuse_others(const std::string& what) const {
  const Napi::Array names = object_.GetPropertyNames();
  std::vector<std::string> unknown;
  for (std::uint32_t i = 0; i < names.Length(); ++i) {
    const std::string name = names.Get(i).ToString().Utf8Value();
    if (!read_.contains(name)) unknown.push_back(name);
  }
  if (unknown.empty()) return;
  std::vector<std::string> known;
  for (const auto& [name, _] : read_) known.push_back(name);
  throw Napi::TypeError::New(Env(), "Expected no field named " + joined(unknown) + " in " + what +
                                        ", which has " + joined(known) + ".");
}

Napi::Object Fields::to_js() const {
  Napi::Object fields = Napi::Object::New(Env());
  for (const auto& [name, choices] : read_) {
    if (choices.empty()) {
      fields.Set(name, Env().Null());
      continue;
    }
    Napi::Array words = Napi::Array::New(Env(), choices.size());
    for (std::uint32_t i = 0; i < choices.size(); ++i) words.Set(i, choices[i]);
    fields.Set(name, words);
  }
  return fields;
}

std::string joined(const std::vector<std::string>& words) {
  std::string list;
  for (const std::string& word : words) list += (list.empty() ? "" : ", ") + word;
  return list;
}

void expected(const Fields& object, const std::string& what, const std::string& name) {
  const Napi::Value value = object.Get(name);
  const std::string came = value.IsUndefined() ? "undefined" : value.ToString().Utf8Value();
  throw Napi::TypeError::New(object.Env(),
                             "Expected " + what + " for " + name + " but received " + came + ".");
}

Fields read_object(const Fields& object, const std::string& name) {
  const Napi::Value value = object.Get(name);
  if (!value.IsObject()) expected(object, "an object", name);
  return value.As<Napi::Object>();
}

double read_number(const Fields& object, const char* name) {
  const Napi::Value value = object.Get(name);
  if (!value.IsNumber()) expected(object, "a number", name);
  return value.As<Napi::Number>().DoubleValue();
}

int read_integer(const Fields& object, const char* name) {
  return read_whole_number<int>(object, name);
}

std::optional<int> read_optional_integer(const Fields& object, const char* name) {
  if (object.Get(name).IsNull()) return std::nullopt;
  return read_integer(object, name);
}

std::uint32_t read_seed(const Fields& object, const char* name) {
  return read_whole_number<std::uint32_t>(object, name);
}

std::string read_string(const Fields& object, const char* name) {
  const Napi::Value value = object.Get(name);
  if (!value.IsString()) expected(object, "a string", name);
  return value.As<Napi::String>().Utf8Value();
}

std::vector<std::string> read_strings(const Fields& object, const char* name) {
  const Napi::Value value = object.Get(name);
  if (!value.IsArray()) expected(object, "a list of strings", name);
  const auto list = value.As<Napi::Array>();
  std::vector<std::string> strings;
  for (std::uint32_t i = 0; i < list.Length(); ++i) {
    const Napi::Value item = list.Get(i);
    if (!item.IsString()) expected(object, "a list of strings", name);
    strings.push_back(item.As<Napi::String>().Utf8Value());
  }
  return strings;
}

std::vector<Fields> read_objects(const Fields& object, const char* name) {
  const Napi::Value value = object.Get(name);
  if (!value.IsArray() || value.As<Napi::Array>().Length() == 0) {
    expected(object, "a list of objects", name);
  }
  const auto list = value.As<Napi::Array>();
  std::vector<Fields> objects;
  for (std::uint32_t i = 0; i < list.Length(); ++i) {
    const Napi::Value item = list.Get(i);
    if (!item.IsObject()) expected(object, "a list of objects", name);
    objects.emplace_back(item.As<Napi::Object>());
  }
  return objects;
}

std::optional<double> read_optional_number(const Fields& object, const char* name) {
  if (object.Get(name).IsNull()) return std::nullopt;
  return read_number(object, name);
}

std::optional<std::vector<double>> read_optional_numbers(const Fields& object, const char* name) {
  const Napi::Value value = object.Get(name);
  if (value.IsNull()) return std::nullopt;
  if (!value.IsArray()) expected(object, "a list of numbers or null", name);
  const auto list = value.As<Napi::Array>();
  std::vector<double> numbers;
  for (std::uint32_t i = 0; i < list.Length(); ++i) {
    const Napi::Value item = list.Get(i);
    if (!item.IsNumber()) expected(object, "a list of numbers or null", name);
    numbers.push_back(item.As<Napi::Number>().DoubleValue());
  }
  return numbers;
}

}  // namespace impasto
