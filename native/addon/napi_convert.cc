#include "addon/napi_convert.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "machine/threads.h"
#include "ort/status.h"

namespace impasto {
namespace {

template <typename T>
Napi::Value name_or_null(Napi::Env env, const std::optional<T>& value,
                         const std::map<std::string, T>& names) {
  if (value) {
    for (const auto& [name, candidate] : names) {
      if (candidate == *value) return Napi::String::New(env, name);
    }
  }
  return env.Null();
}

Napi::Object by_layer(Napi::Env env, const std::vector<std::string>& layers,
                      const std::vector<double>& values) {
  Napi::Object object = Napi::Object::New(env);
  for (std::size_t i = 0; i < std::min(layers.size(), values.size()); ++i)
    object.Set(layers[i], values[i]);
  return object;
}

}  // namespace

Napi::Object picture_to_js(Napi::Env env, const Image& image) {
  Napi::Float32Array data = Napi::Float32Array::New(env, image.data.size());
  std::copy(image.data.begin(), image.data.end(), data.Data());
  Napi::Object object = Napi::Object::New(env);
  object.Set("width", image.width);
  object.Set("height", image.height);
  object.Set("channels", image.channels);
  object.Set("data", data);
  return object;
}

Size read_size(const Fields& object, const char* name) {
  const Fields size = read_object(object, name);
  return {read_integer(size, "width"), read_integer(size, "height")};
}

Carry read_carry(const Fields& object) {
  return read_choice<Carry>(
      object, "carry", {{"transport", Carry::kTransport}, {"adain", Carry::kMeansAndDeviations}});
}

std::optional<Pooling> read_pooling(const Fields& object, const char* name) {
  return read_optional_choice(object, name, poolings());
}

namespace {

Image read_pixels(const Fields& object, const std::string& name, int least, int most) {
  const Fields picture = read_object(object, name);
  Image image{read_integer(picture, "channels"),
              read_integer(picture, "height"),
              read_integer(picture, "width"),
              {}};
  const Napi::Value data = picture.Get("data");
  if (!data.IsTypedArray() || data.As<Napi::TypedArray>().TypedArrayType() != napi_float32_array) {
    expected(picture, "a Float32Array", "data");
  }
  const auto values = data.As<Napi::Float32Array>();
  if (image.channels < least || image.channels > most || image.width < 1 || image.height < 1 ||
      values.ElementLength() != image.size()) {
    throw Napi::RangeError::New(object.Env(),
                                "Expected width × height × channels values for " + name + ".data.");
  }
  image.data.assign(values.Data(), values.Data() + values.ElementLength());
  return image;
}

std::optional<Image> read_optional_mask(const Fields& object, const char* name) {
  if (object.Get(name).IsNull()) return std::nullopt;
  return read_mask(object, name);
}

}  // namespace

Image read_image(const Fields& object, const std::string& name) {
  return read_pixels(object, name, 3, 4);
}

std::vector<Image> read_images(const Fields& object, const std::string& name) {
  const Napi::Value list = object.Get(name.c_str());
  if (!list.IsArray()) expected(object, "a list of pictures", name.c_str());
  const auto array = list.As<Napi::Array>();
  std::vector<Image> images;
  for (std::uint32_t i = 0; i < array.Length(); ++i) {
    Napi::Object holder = Napi::Object::New(object.Env());
    holder.Set("picture", array.Get(i));
    images.push_back(read_image(Fields(holder), "picture"));
  }
  return images;
}

std::optional<std::vector<std::uint8_t>> read_optional_bytes(const Fields& object,
                                                             const char* name) {
  const Napi::Value value = object.Get(name);
  if (value.IsNull()) return std::nullopt;
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
    expected(object, "a Uint8Array or null", name);
  }
  const auto bytes = value.As<Napi::Uint8Array>();
  return std::vector<std::uint8_t>(bytes.Data(), bytes.Data() + bytes.ElementLength());
}

Image read_mask(const Fields& object, const std::string& name) {
  return read_pixels(object, name, 1, 1);
}

Parts read_parts(const Fields& request) {
  const Napi::Value masked = request.Get("masked");
  if (!masked.IsBoolean()) expected(request, "true or false", "masked");
  return {masked.As<Napi::Boolean>().Value(), read_integer(request, "regions")};
}

namespace {

LiveSettings read_live_settings(const Fields& settings) {
  LiveSettings live;
  live.style_to_content = read_number(settings, "styleToContent");
  live.draft_style_to_content = read_number(settings, "draftStyleToContent");
  live.detail_share = read_number(settings, "detailShare");
  live.style_layer_weights = read_optional_numbers(settings, "styleLayerWeights");
  live.content_layer_weights = read_optional_numbers(settings, "contentLayerWeights");
  live.content_weight = read_optional_number(settings, "contentWeight");
  live.style_weight = read_optional_number(settings, "styleWeight");
  live.tv_weight = read_number(settings, "tvWeight");
  live.step_size = read_number(settings, "stepSize");
  return live;
}

// What pictures are compared by.
void read_objective(const Fields& object, Settings& settings) {
  settings.style_layers = read_strings(object, "styleLayers");
  settings.content_layers = read_strings(object, "contentLayers");
  settings.tv = read_choice<TvNorm>(
      object, "tv", {{"l1", TvNorm::kL1}, {"l2", TvNorm::kL2}, {"9-point", TvNorm::kNinePoint}});
  settings.content_terms =
      read_terms<ContentLoss>(object, "contentLoss",
                              {{"features", ContentLoss::kFeatures},
                               {"self-similarity", ContentLoss::kSelfSimilarity},
                               {"laplacian", ContentLoss::kLaplacian}});
  settings.style_terms = read_terms<StyleLoss>(object, "styleLoss",
                                               {{"gram", StyleLoss::kGram},
                                                {"gram-normalized", StyleLoss::kGramNormalized},
                                                {"w2", StyleLoss::kW2},
                                                {"bn", StyleLoss::kBn},
                                                {"mmd-linear", StyleLoss::kMmdLinear},
                                                {"mmd-gaussian", StyleLoss::kMmdGaussian},
                                                {"sliced", StyleLoss::kSliced},
                                                {"histogram", StyleLoss::kHistogram},
                                                {"nearest", StyleLoss::kNearest},
                                                {"patches", StyleLoss::kPatches}});
  settings.pooling = read_pooling(object, "pooling");
  settings.padding = read_choice(object, "padding", paddings());
}

// How the picture gets there.
void read_descent(const Fields& object, Settings& settings) {
  settings.init = read_choice<Init>(object, "init",
                                    {{"content", Init::kContent},
                                     {"noise", Init::kNoise},
                                     {"style-colors", Init::kStyleColors},
                                     {"image", Init::kImage}});
  settings.seed = read_seed(object, "seed");
  settings.optimizer = read_choice<OptimizerKind>(
      object, "optimizer", {{"lbfgs", OptimizerKind::kLbfgs}, {"adam", OptimizerKind::kAdam}});
  settings.history = read_integer(object, "history");
  settings.averaging = read_number(object, "averaging");
  settings.min_scale = read_integer(object, "minScale");
  settings.first_iterations = read_integer(object, "firstIterations");
  settings.middle_iterations = read_integer(object, "middleIterations");
  settings.iterations = read_integer(object, "iterations");
  settings.easing_side = read_integer(object, "easingSide");
  settings.budget = read_optional_number(object, "budget");
}

// How the picture looks beside its style.
void read_look(const Fields& object, Settings& settings) {
  settings.colors = read_choice<Colors>(object, "colors",
                                        {{"style", Colors::kStyle},
                                         {"keep", Colors::kKeep},
                                         {"keep-linear", Colors::kKeepLinear},
                                         {"keep-histogram", Colors::kKeepHistogram}});
  settings.photoreal = read_choice<Photoreal>(
      object, "photoreal",
      {{"off", Photoreal::kOff}, {"guided", Photoreal::kGuided}, {"matting", Photoreal::kMatting}});
  settings.photoreal_share = read_number(object, "photorealStrength") / 100;
  settings.style_scale = read_number(object, "styleScale");
  settings.carry = read_carry(object);
  settings.seamless = read_choice<Seamless>(object, "seamless",
                                            {{"off", Seamless::kOff},
                                             {"horizontal", Seamless::kHorizontal},
                                             {"vertical", Seamless::kVertical},
                                             {"both", Seamless::kBoth}});
}

}  // namespace

Settings read_settings(const Fields& object) {
  Settings settings;
  settings.live = read_live_settings(object);
  settings.method = read_choice<Method>(
      object, "method", {{"optimize", Method::kOptimize}, {"quick", Method::kQuick}});
  settings.size = read_integer(object, "size");
  read_look(object, settings);
  read_objective(object, settings);
  read_descent(object, settings);
  settings.device = read_choice(object, "device", ort::device_kinds());
  settings.threads = read_optional_integer(object, "threads").value_or(0);
  if (const auto memory = read_optional_number(object, "memory")) {
    settings.memory = *memory * (1 << 30);
  }
  object.refuse_others("settings");
  return settings;
}

Request read_request(const Fields& object) {
  Request request;
  request.content = read_image(object, "content");
  const Napi::Value styles = object.Get("styles");
  if (!styles.IsArray()) expected(object, "a list of styles", "styles");
  for (std::uint32_t i = 0; i < styles.As<Napi::Array>().Length(); ++i) {
    const Fields style = styles.As<Napi::Array>().Get(i).As<Napi::Object>();
    request.styles.push_back({read_image(style, "picture"), read_number(style, "weight"),
                              read_optional_mask(style, "region"),
                              read_optional_mask(style, "source"), read_strings(style, "layers")});
    style.refuse_others("styles[" + std::to_string(i) + "]");
  }
  request.protect = read_optional_mask(object, "protect");
  if (!object.Get("initial").IsNull()) request.initial = read_image(object, "initial");
  request.settings = read_settings(read_object(object, "settings"));
  request.network_path = read_string(object, "networkPath");
  request.draft_network_path = read_string(object, "draftNetworkPath");
  request.detailer_path = read_string(object, "detailerPath");
  request.checkpoint =
      read_optional_bytes(object, "checkpoint").value_or(std::vector<std::uint8_t>());
  request.shot = read_optional_bytes(object, "shot");
  return request;
}

Napi::Object to_js(Napi::Env env, const LossValues& losses, const Settings& layers) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("content", losses.content);
  object.Set("style", losses.style);
  object.Set("tv", losses.tv);
  object.Set("total", losses.total);
  object.Set("contentLayers", by_layer(env, layers.content_layers, losses.content_layers));
  object.Set("styleLayers", by_layer(env, layers.style_layers, losses.style_layers));
  return object;
}

Napi::Object to_js(Napi::Env env, const Report& report, const Settings& layers) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("scale", report.size.long_side());
  object.Set("scaleIndex", report.scale_index);
  object.Set("scaleCount", report.scale_count);
  object.Set("width", report.size.width);
  object.Set("height", report.size.height);
  object.Set("iteration", report.iteration);
  object.Set("iterations", report.iterations);
  object.Set("totalIteration", report.total_iteration);
  object.Set("totalIterations", report.total_iterations);
  object.Set("losses", to_js(env, report.losses, layers));
  object.Set("secondsElapsed", report.seconds_elapsed);
  object.Set("secondsLeft", report.seconds_left);
  object.Set("fraction", report.fraction);
  object.Set("phase", report.phase);
  object.Set("device", report.device);
  if (!report.fallback.empty()) object.Set("fallback", report.fallback);
  return object;
}

Napi::Object trace_to_js(Napi::Env env, const Report& report, const Settings& layers) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("scale", report.size.long_side());
  object.Set("iteration", report.iteration);
  object.Set("totalIteration", report.total_iteration);
  object.Set("losses", to_js(env, report.losses, layers));
  object.Set("seconds", report.seconds_elapsed);
  return object;
}

Napi::Object to_js(Napi::Env env, const Result& result, const Settings& layers) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("picture", picture_to_js(env, result.image));
  object.Set("losses", to_js(env, result.losses, layers));
  object.Set("iterations", result.iterations);
  object.Set("seconds", result.seconds);
  object.Set("device", result.device);
  if (!result.fallback.empty()) object.Set("fallback", result.fallback);
  object.Set("stopped", result.stopped);
  if (!result.notes.empty()) {
    Napi::Array notes = Napi::Array::New(env, result.notes.size());
    for (std::uint32_t i = 0; i < result.notes.size(); ++i) notes.Set(i, result.notes[i]);
    object.Set("notes", notes);
  }
  if (!result.shot.empty()) {
    Napi::Object shot = Napi::Object::New(env);
    shot.Set("state", bytes_to_js(env, result.shot));
    shot.Set("begins", result.shot_begins);
    object.Set("shot", shot);
  }
  return object;
}

Napi::Object to_js(Napi::Env env, const RunPlan& plan) {
  Napi::Array scales = Napi::Array::New(env, plan.scales.size());
  for (std::uint32_t i = 0; i < plan.scales.size(); ++i) {
    Napi::Object scale = Napi::Object::New(env);
    scale.Set("width", plan.scales[i].size.width);
    scale.Set("height", plan.scales[i].size.height);
    scale.Set("iterations", plan.scales[i].iterations);
    scale.Set("secondsPerIteration", plan.seconds_per_iteration[i]);
    scale.Set("tile", plan.footings[i].tile);
    scales.Set(i, scale);
  }
  Napi::Object object = Napi::Object::New(env);
  object.Set("width", plan.size.width);
  object.Set("height", plan.size.height);
  object.Set("scales", scales);
  object.Set("peakBytes", static_cast<double>(plan.peak_bytes));
  object.Set("seconds", plan.seconds);
  object.Set("fits", plan.fits);
  object.Set("largestSize", plan.largest_size);
  object.Set("device", plan.device);
  return object;
}

Napi::Object to_js(Napi::Env env, const Network& network, double bytes) {
  Napi::Array layers = Napi::Array::New(env);
  Napi::Array widths = Napi::Array::New(env);
  for (std::uint32_t i = 0; i < network.convolutions.size(); ++i) {
    layers.Set(i, network.convolutions[i].layer);
    widths.Set(i, network.convolutions[i].out_channels);
  }
  Napi::Object object = Napi::Object::New(env);
  object.Set("name", network.name);
  object.Set("layers", layers);
  object.Set("widths", widths);
  object.Set("pooling", name_or_null(env, network.pooling, poolings()));
  object.Set("padding", name_or_null(env, network.padding, paddings()));
  object.Set("bytes", bytes);
  return object;
}

Napi::Value bytes_to_js(Napi::Env env, const std::vector<std::uint8_t>& bytes) {
  Napi::Uint8Array array = Napi::Uint8Array::New(env, bytes.size());
  std::copy(bytes.begin(), bytes.end(), array.Data());
  return array;
}

Napi::Object preview_to_js(Napi::Env env, int width, int height,
                           const std::vector<std::uint8_t>& rgb) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("width", width);
  object.Set("height", height);
  object.Set("rgb", bytes_to_js(env, rgb));
  return object;
}

Napi::Value error_to_js(Napi::Env env, const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const Error& e) {
    const Napi::Object object = Napi::Error::New(env, e.what()).Value();
    object.Set("code", e.code());
    object.Set("hint", e.hint());
    object.Set("detail", e.detail());
    return object;
  } catch (const std::bad_alloc&) {
    const Napi::Object object =
        Napi::Error::New(env, "The machine has not enough memory for this.").Value();
    object.Set("code", "out-of-memory");
    object.Set("hint", "Choose a smaller size or close other programs.");
    return object;
  } catch (const std::system_error& e) {
    if (e.code() != std::errc::resource_unavailable_try_again) {
      return Napi::Error::New(env, e.what()).Value();
    }
    return error_to_js(env, std::make_exception_ptr(out_of_threads(e.what())));
  } catch (const std::exception& e) {
    return Napi::Error::New(env, e.what()).Value();
  }
}

}  // namespace impasto
