#include "addon/napi_objective.h"

#include <algorithm>
#include <exception>
#include <optional>

#include "addon/napi_convert.h"
#include "addon/napi_task.h"
#include "machine/device_probe.h"
#include "machine/devices.h"
#include "machine/sgemm_rate.h"
#include "objective/objective.h"
#include "ort/status.h"

namespace impasto {
namespace {

MaskedImage split(Image picture) {
  MaskedImage result;
  if (picture.channels == 4) {
    const auto alpha = picture.data.begin() + static_cast<std::ptrdiff_t>(3 * picture.plane());
    result.mask = Image{1, picture.height, picture.width, {alpha, picture.data.end()}};
    picture.channels = 3;
    picture.data.resize(picture.size());
  }
  result.rgb = std::move(picture);
  return result;
}

// At the pictures' own size: unlike a run, without a margin around.
Problem plain_problem(const MaskedImage& content, std::size_t regions, const Settings& settings,
                      const Network& network) {
  Problem problem;
  problem.height = content.rgb.height;
  problem.width = content.rgb.width;
  problem.style_layers = settings.style_layers;
  for (const auto& term : feature_terms(settings)) problem.content_losses.push_back(term.loss);
  problem.content_layers = settings.content_layers;
  problem.style_losses = losses_of(settings.style_terms);
  problem.pooling = settings.pooling.value_or(network.pooling.value_or(Pooling::kAverage));
  problem.padding = settings.padding;
  problem.tv = settings.tv;
  problem.masked = content.mask.has_value();
  problem.regions = static_cast<int>(regions);
  return problem;
}

Weights weights_by_hand(const Settings& settings) {
  const LiveSettings& live = settings.live;
  Weights weights;
  weights.content = live.content_weight.value_or(1);
  weights.style = live.style_weight.value_or(1);
  weights.tv = live.tv_weight;
  weights.content_layers =
      live.content_layer_weights.value_or(std::vector<double>(settings.content_layers.size(), 1));
  weights.style_layers =
      live.style_layer_weights.value_or(std::vector<double>(settings.style_layers.size(), 1));
  for (const auto& term : feature_terms(settings)) weights.content_terms.push_back(term.weight);
  for (const auto& term : settings.style_terms) weights.style_terms.push_back(term.weight);
  return weights;
}

Napi::Float32Array to_array(Napi::Env env, const std::vector<float>& values) {
  Napi::Float32Array array = Napi::Float32Array::New(env, values.size());
  std::copy(values.begin(), values.end(), array.Data());
  return array;
}

Napi::Object to_js(Napi::Env env, const Evaluation& evaluation, const Settings& settings) {
  Napi::Object grams = Napi::Object::New(env);
  Napi::Object means = Napi::Object::New(env);
  for (const auto& [layer, moments] : evaluation.styles.front().layers) {
    grams.Set(layer, to_array(env, moments.gram));
    means.Set(layer, to_array(env, moments.mean));
  }
  Napi::Array seconds = Napi::Array::New(env, evaluation.seconds.size());
  for (std::uint32_t i = 0; i < evaluation.seconds.size(); ++i)
    seconds.Set(i, evaluation.seconds[i]);
  Napi::Object result = Napi::Object::New(env);
  result.Set("losses", to_js(env, evaluation.losses, settings));
  result.Set("gradient", to_array(env, evaluation.gradient));
  result.Set("grams", grams);
  result.Set("means", means);
  result.Set("seconds", seconds);
  return result;
}

}  // namespace

Napi::Value list_devices_js(const Napi::CallbackInfo& info) {
  return Task<std::vector<DeviceStatus>>::run(
      info.Env(), [] { return list_devices(); },
      [](Napi::Env env, const std::vector<DeviceStatus>& devices) -> Napi::Value {
        Napi::Array list = Napi::Array::New(env, devices.size());
        for (std::uint32_t i = 0; i < devices.size(); ++i) {
          Napi::Object device = Napi::Object::New(env);
          device.Set("kind", ort::device_word(devices[i].kind));
          device.Set("name", devices[i].name);
          device.Set("usable", devices[i].usable);
          device.Set("detail", devices[i].detail);
          list.Set(i, device);
        }
        return list;
      });
}

Napi::Value find_gpu_js(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Gpu gpu;
  try {
    gpu = find_gpu();
  } catch (...) {
    throw Napi::Error(env, error_to_js(env, std::current_exception()));
  }
  const auto list = [env](const std::vector<std::string>& texts) {
    Napi::Array array = Napi::Array::New(env, texts.size());
    for (std::uint32_t i = 0; i < texts.size(); ++i) array.Set(i, texts[i]);
    return array;
  };
  Napi::Object object = Napi::Object::New(env);
  object.Set("names", list(gpu.names));
  object.Set("drivers", list(gpu.drivers));
  object.Set("refused", gpu.refused);
  return object;
}

Napi::Value probe_gpu_js(const Napi::CallbackInfo& info) {
  return Task<ProbeResult>::run(
      info.Env(), [] { return probe_device(DeviceKind::kWebGpu); },
      [](Napi::Env env, const ProbeResult& result) -> Napi::Value {
        Napi::Object object = Napi::Object::New(env);
        object.Set("usable", result.usable);
        object.Set("faster", result.faster);
        object.Set("seconds", result.seconds);
        object.Set("cpuSeconds", result.cpu_seconds);
        object.Set("reason", result.reason);
        return object;
      });
}

Napi::Value evaluate_objective_js(const Napi::CallbackInfo& info) {
  struct Arguments {
    MaskedImage image, content;
    std::vector<MaskedImage> styles;
    std::vector<Image> regions;
    Settings settings;
    std::string network_path;
    int repeats = 1;
    int tile = 0;
  };
  const Fields object = info[0].As<Napi::Object>();
  const auto arguments =
      std::make_shared<Arguments>(Arguments{split(read_image(object, "image")),
                                            split(read_image(object, "content")),
                                            {},
                                            {},
                                            read_settings(read_object(object, "settings")),
                                            read_string(object, "networkPath"),
                                            read_integer(object, "repeats"),
                                            read_integer(object, "tile")});
  const auto styles = object.Get("styles").As<Napi::Array>();
  for (std::uint32_t i = 0; i < styles.Length(); ++i) {
    const Fields style = styles.Get(i).As<Napi::Object>();
    arguments->styles.push_back(split(read_image(style, "picture")));
    if (!style.Get("region").IsNull()) arguments->regions.push_back(read_mask(style, "region"));
  }
  object.refuse_others("the request");
  return Task<Evaluation>::run(
      info.Env(),
      [arguments] {
        const auto& a = *arguments;
        const auto network = load_network(a.network_path);
        const Problem problem = plain_problem(a.content, a.regions.size(), a.settings, *network);
        return evaluate_once(network, problem, a.image.rgb, a.content, a.styles, a.regions,
                             weights_by_hand(a.settings),
                             {a.settings.device, a.settings.threads, a.tile}, a.repeats);
      },
      [arguments](Napi::Env env, const Evaluation& evaluation) -> Napi::Value {
        return to_js(env, evaluation, arguments->settings);
      });
}

Napi::Value sgemm_rate_js(const Napi::CallbackInfo& info) {
  const int size = info[0].ToNumber();
  const int threads = info[1].ToNumber();
  const int repeats = info[2].ToNumber();
  return Task<double>::run(
      info.Env(), [=] { return sgemm_rate(size, threads, repeats); },
      [](Napi::Env env, const double& rate) -> Napi::Value {
        return Napi::Number::New(env, rate);
      });
}

void drop_idle_objectives_js(const Napi::CallbackInfo&) { drop_idle_objectives(); }

}  // namespace impasto
