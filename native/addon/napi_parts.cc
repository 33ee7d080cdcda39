#include "addon/napi_parts.h"

#include <algorithm>
#include <exception>
#include <string>
#include <vector>

#include "addon/napi_convert.h"
#include "image/color.h"
#include "image/guided_filter.h"
#include "image/picture.h"
#include "image/resize.h"
#include "objective/laplacian_loss.h"
#include "objective/matting.h"
#include "optimize/optimizer.h"
#include "optimize/schedule.h"

namespace impasto {
namespace {

[[noreturn]] void rethrow_as_js(Napi::Env env) {
  throw Napi::Error(env, error_to_js(env, std::current_exception()));
}

// The only field of Napi's picture that read_image needs is its name in an object.
Image read_argument(const Napi::CallbackInfo& info, std::size_t index) {
  const Napi::Object holder = Napi::Object::New(info.Env());
  holder.Set("picture", info[index]);
  return read_image(holder, "picture");
}

// Of the first one's size.
Image read_argument_like(const Napi::CallbackInfo& info, std::size_t index, const Image& first) {
  Image picture = read_argument(info, index);
  if (picture.width == first.width && picture.height == first.height) return picture;
  throw Napi::RangeError::New(info.Env(), "Expected pictures of one size.");
}

}  // namespace

Napi::Value minimize_js(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Fields options = info[0].As<Napi::Object>();
  const auto function = info[1].As<Napi::Function>();
  Settings settings;
  settings.optimizer =
      read_string(options, "optimizer") == "adam" ? OptimizerKind::kAdam : OptimizerKind::kLbfgs;
  settings.history = read_integer(options, "history");
  settings.live.step_size = read_number(options, "stepSize");
  const auto start = options.Get("x").As<Napi::Float32Array>();
  std::vector<float> x(start.Data(), start.Data() + start.ElementLength());

  const Function evaluate = [&](std::span<const float> at, std::span<float> gradient) {
    const Napi::HandleScope scope(env);
    Napi::Float32Array point = Napi::Float32Array::New(env, at.size());
    std::copy(at.begin(), at.end(), point.Data());
    const auto answer = function.Call({point}).As<Napi::Object>();
    const auto slope = answer.Get("gradient").As<Napi::Float32Array>();
    std::copy_n(slope.Data(), std::min(gradient.size(), slope.ElementLength()), gradient.begin());
    return read_number(answer, "value");
  };

  Napi::Array values = Napi::Array::New(env);
  try {
    const auto optimizer =
        make_optimizer(settings, read_integer(options, "width"), read_integer(options, "height"));
    const auto iterations = read_integer(options, "iterations");
    for (int i = 0; i < iterations; ++i) {
      values.Set(static_cast<std::uint32_t>(i), optimizer->step(evaluate, x).value);
    }
  } catch (const Napi::Error&) {
    throw;
  } catch (const std::exception&) {
    rethrow_as_js(env);
  }
  Napi::Float32Array end = Napi::Float32Array::New(env, x.size());
  std::copy(x.begin(), x.end(), end.Data());
  Napi::Object result = Napi::Object::New(env);
  result.Set("x", end);
  result.Set("values", values);
  return result;
}

Napi::Value resize_picture_js(const Napi::CallbackInfo& info) {
  try {
    const Picture picture =
        resize(split_alpha(read_argument(info, 0)), info[1].ToNumber().Int32Value(),
               info[2].ToNumber().Int32Value());
    return picture_to_js(info.Env(), join_alpha(picture.rgb, picture.alpha));
  } catch (const Napi::Error&) {
    throw;
  } catch (const std::exception&) {
    rethrow_as_js(info.Env());
  }
}

Napi::Value transfer_colors_js(const Napi::CallbackInfo& info) {
  const std::string kind = info[0].ToString().Utf8Value();
  const Image source = read_argument(info, 1);
  const Image target = read_argument(info, 2);
  if (kind == "match-colors") return picture_to_js(info.Env(), match_colors(source, target));
  if (kind == "match-histograms") {
    return picture_to_js(info.Env(), match_histograms(source, target));
  }
  if (kind == "match-luminance") {
    return picture_to_js(info.Env(), match_luminance(luminance(source), luminance(target)));
  }
  if (kind == "replace-luminance")
    return picture_to_js(info.Env(), replace_luminance(target, source));
  throw Napi::TypeError::New(info.Env(),
                             "Expected a kind of color transfer but received " + kind + ".");
}

Napi::Value guided_filter_js(const Napi::CallbackInfo& info) {
  const Image picture = read_argument(info, 0);
  const Image guide = read_argument_like(info, 1, picture);
  return picture_to_js(info.Env(), guided_filter(picture, guide, info[2].ToNumber().DoubleValue()));
}

Napi::Value pixel_term_js(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::string kind = info[0].ToString().Utf8Value();
  const Image content = read_argument(info, 1);
  const Image picture = read_argument_like(info, 2, content);
  Image gradient{3, picture.height, picture.width, std::vector<float>(picture.size())};
  Napi::Object result = Napi::Object::New(env);
  if (kind == "matting") {
    result.Set("value", MattingLaplacian(content).add(picture.data, 1, gradient.data));
  } else {
    result.Set("value", LaplacianLoss(content).add(picture.data, 1, gradient.data));
  }
  result.Set("gradient", picture_to_js(env, gradient));
  return result;
}

Napi::Value seconds_left_js(const Napi::CallbackInfo& info) {
  const auto plan = info[0].As<Napi::Array>();
  const auto times = info[1].As<Napi::Array>();
  std::vector<Scale> scales;
  for (std::uint32_t i = 0; i < plan.Length(); ++i) {
    const auto scale = plan.Get(i).As<Napi::Object>();
    scales.push_back({{read_integer(scale, "width"), read_integer(scale, "height")},
                      read_integer(scale, "iterations")});
  }
  Pace pace(scales, std::nullopt);
  Napi::Array left = Napi::Array::New(info.Env());
  for (std::uint32_t i = 0; i < times.Length(); ++i) {
    const auto at = times.Get(i).As<Napi::Array>();
    const auto seconds = [&at](std::uint32_t k) { return at.Get(k).ToNumber().DoubleValue(); };
    pace.begin_scale(static_cast<int>(i), 0, seconds(0));
    pace.go_on(0, seconds(1));
    for (std::uint32_t k = 2; k < at.Length(); ++k) {
      const int iteration = static_cast<int>(k) - 1;
      pace.go_on(iteration, seconds(k));
      left.Set(left.Length(), pace.seconds_left(iteration, seconds(k)));
    }
  }
  return left;
}

}  // namespace impasto
