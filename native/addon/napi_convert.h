// Between JavaScript's values and the engine's plain structs. A missing or wrong field is a
// TypeError that names it; the binding has already checked ranges. [js thread]
#pragma once

#include <napi.h>

#include <exception>
#include <string>
#include <vector>

#include "network/network.h"
#include "objective/objective.h"
#include "optimize/engine.h"
#include "optimize/requirements.h"

namespace impasto {

// Copies pixels: the engine's threads never look at JavaScript's memory.
Image read_image(const Napi::Object& picture, const std::string& name);
Settings read_settings(const Napi::Object& settings);
LiveSettings read_live_settings(const Napi::Object& settings);
Request read_request(const Napi::Object& request);

std::string read_string(const Napi::Object& object, const char* name);
double read_number(const Napi::Object& object, const char* name);
Size read_size(const Napi::Object& object, const char* name);
std::vector<std::string> read_strings(const Napi::Object& object, const char* name);
std::optional<Pooling> read_pooling(const Napi::Object& object, const char* name);

Napi::Object picture_to_js(Napi::Env env, const Image& image);

// `layers`: the names that the losses by layer belong to.
Napi::Object to_js(Napi::Env env, const LossValues& losses, const Settings& layers);
Napi::Object to_js(Napi::Env env, const Report& report, const Settings& layers);
Napi::Object trace_to_js(Napi::Env env, const Report& report, const Settings& layers);
Napi::Object to_js(Napi::Env env, const Result& result, const Settings& layers);
Napi::Object to_js(Napi::Env env, const RunPlan& plan);
Napi::Object to_js(Napi::Env env, const Network& network, double bytes);

// Interleaved 8-bit RGB of [3, H, W].
Napi::Object preview_to_js(Napi::Env env, int width, int height,
                           const std::vector<std::uint8_t>& rgb);
std::vector<std::uint8_t> interleave(const Image& image);
Napi::Value bytes_to_js(Napi::Env env, const std::vector<std::uint8_t>& bytes);

// An Error with code, hint and detail, as load.ts expects it.
Napi::Value error_to_js(Napi::Env env, const std::exception_ptr& error);

}  // namespace impasto
