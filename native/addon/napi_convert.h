// Between JavaScript's values and the engine's plain structs; the binding has already checked
// ranges. [js thread]
#pragma once

#include <napi.h>

#include <exception>
#include <string>
#include <vector>

#include "addon/napi_fields.h"
#include "network/network.h"
#include "objective/objective.h"
#include "optimize/engine.h"
#include "optimize/requirements.h"

namespace impasto {

// Copies pixels: the engine's threads never look at JavaScript's memory.
Image read_image(const Fields& object, const std::string& name);
std::vector<Image> read_images(const Fields& object, const std::string& name);
// None where it is null.
std::optional<std::vector<std::uint8_t>> read_optional_bytes(const Fields& object,
                                                             const char* name);
// One channel, 0 … 1.
Image read_mask(const Fields& object, const std::string& name);
Parts read_parts(const Fields& request);
// Refuses what is no setting.
Settings read_settings(const Fields& settings);
// The caller refuses what neither it nor this has read.
Request read_request(const Fields& request);

Size read_size(const Fields& object, const char* name);
Carry read_carry(const Fields& object);
std::optional<Pooling> read_pooling(const Fields& object, const char* name);

Napi::Object picture_to_js(Napi::Env env, const Image& image);

// `layers`: the names that the losses by layer belong to.
Napi::Object to_js(Napi::Env env, const LossValues& losses, const Settings& layers);
Napi::Object to_js(Napi::Env env, const Report& report, const Settings& layers);
Napi::Object trace_to_js(Napi::Env env, const Report& report, const Settings& layers);
Napi::Object to_js(Napi::Env env, const Result& result, const Settings& layers);
Napi::Object to_js(Napi::Env env, const RunPlan& plan);
Napi::Object to_js(Napi::Env env, const Network& network, double bytes);

// rgb: interleaved, 8 bits.
Napi::Object preview_to_js(Napi::Env env, int width, int height,
                           const std::vector<std::uint8_t>& rgb);
Napi::Value bytes_to_js(Napi::Env env, const std::vector<std::uint8_t>& bytes);

// An Error with code, hint and detail, as load.ts expects it.
Napi::Value error_to_js(Napi::Env env, const std::exception_ptr& error);

}  // namespace impasto
