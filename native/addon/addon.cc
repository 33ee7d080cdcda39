// The addon's face to JavaScript (typed in native/binding/load.ts): registration and argument
// unpacking, nothing else.
#include <napi.h>

#include <filesystem>
#include <memory>

#include "addon/napi_convert.h"
#include "addon/napi_detail.h"
#include "addon/napi_job.h"
#include "addon/napi_learn.h"
#include "addon/napi_objective.h"
#include "addon/napi_parts.h"
#include "addon/napi_task.h"
#include "base/path.h"
#include "image/picture.h"
#include "machine/threads.h"
#include "ort/library.h"
#include "paint/paint.h"

namespace impasto {
namespace {

// [js thread] setLibraryPath(path): where onnxruntime-node keeps its library; opened at the first
// use.
void set_library_path(const Napi::CallbackInfo& info) {
  ort::set_library_path(info[0].As<Napi::String>().Utf8Value());
}

// [js thread] info(): { onnxruntime, threads }
Napi::Value info(const Napi::CallbackInfo& info) {
  Napi::Object object = Napi::Object::New(info.Env());
  try {
    object.Set("onnxruntime", ort::version());
  } catch (...) {
    throw Napi::Error(info.Env(), error_to_js(info.Env(), std::current_exception()));
  }
  object.Set("threads", default_threads());
  return object;
}

// [js thread] readNetworkInfo(path)
Napi::Value read_network_info(const Napi::CallbackInfo& info) {
  const std::string path = info[0].As<Napi::String>().Utf8Value();
  try {
    const auto network = load_network(path);
    return to_js(info.Env(), *network,
                 static_cast<double>(std::filesystem::file_size(path_of(path))));
  } catch (const std::exception&) {
    throw Napi::Error(info.Env(), error_to_js(info.Env(), std::current_exception()));
  }
}

// [js thread] evaluate(request): promise of the canonical losses; alpha is left out
Napi::Value evaluate(const Napi::CallbackInfo& info) {
  struct Arguments {
    Image image, content, style;
    std::string network_path;
    std::optional<Pooling> pooling;
    std::vector<std::string> style_layers, content_layers;
    int threads = 0;
  };
  const Fields object = info[0].As<Napi::Object>();
  const auto arguments = std::make_shared<Arguments>(
      Arguments{opaque(read_image(object, "image")), opaque(read_image(object, "content")),
                opaque(read_image(object, "style")), read_string(object, "networkPath"),
                read_pooling(object, "pooling"), read_strings(object, "styleLayers"),
                read_strings(object, "contentLayers"), read_integer(object, "threads")});
  object.refuse_others("the request");
  return Task<CanonicalLosses>::run(
      info.Env(),
      [arguments] {
        const auto& a = *arguments;
        const auto network = load_network(a.network_path);
        check_layers(*network, a.style_layers, a.content_layers);
        const Pooling pooling = a.pooling.value_or(network->pooling.value_or(Pooling::kAverage));
        return evaluate_canonical(network, a.image, a.content, a.style, a.style_layers,
                                  a.content_layers, pooling, {DeviceKind::kCpu, a.threads});
      },
      [](Napi::Env env, const CanonicalLosses& losses) -> Napi::Value {
        const auto by_name = [env](const std::map<std::string, double>& values) {
          Napi::Object named = Napi::Object::New(env);
          for (const auto& [layer, value] : values) named.Set(layer, value);
          return named;
        };
        Napi::Object result = Napi::Object::New(env);
        result.Set("content", by_name(losses.content));
        result.Set("style", by_name(losses.style));
        result.Set("tv_l1", losses.tv_l1);
        result.Set("tv_l2", losses.tv_l2);
        return result;
      });
}

// [js thread] plan(request): promise of a Plan
Napi::Value plan(const Napi::CallbackInfo& info) {
  const Fields object = info[0].As<Napi::Object>();
  const Size content = read_size(object, "content");
  const Settings settings = read_settings(read_object(object, "settings"));
  const Parts parts = read_parts(object);
  const std::string network_path = read_string(object, "networkPath");
  const std::string draft_network_path = read_string(object, "draftNetworkPath");
  object.refuse_others("the request");
  return Task<RunPlan>::run(
      info.Env(),
      [=] { return plan_painting(content, settings, network_path, draft_network_path, parts); },
      [](Napi::Env env, const RunPlan& made) -> Napi::Value { return to_js(env, made); });
}

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  define_job(env);
  exports.Set("setLibraryPath", Napi::Function::New(env, set_library_path));
  exports.Set("info", Napi::Function::New(env, info));
  exports.Set("readNetworkInfo", Napi::Function::New(env, read_network_info));
  exports.Set("start", Napi::Function::New(env, start_job));
  exports.Set("learn", Napi::Function::New(env, start_learning));
  exports.Set("fieldsRead", Napi::Function::New(env, fields_read_js));
  exports.Set("evaluate", Napi::Function::New(env, evaluate));
  exports.Set("plan", Napi::Function::New(env, plan));
  exports.Set("devices", Napi::Function::New(env, list_devices_js));
  exports.Set("gpu", Napi::Function::New(env, find_gpu_js));
  exports.Set("probeGpu", Napi::Function::New(env, probe_gpu_js));
  exports.Set("evaluateObjective", Napi::Function::New(env, evaluate_objective_js));
  exports.Set("sgemmRate", Napi::Function::New(env, sgemm_rate_js));
  exports.Set("dropIdleObjectives", Napi::Function::New(env, drop_idle_objectives_js));
  exports.Set("addDetail", Napi::Function::New(env, add_detail_js));
  exports.Set("studyLesson", Napi::Function::New(env, study_lesson_js));
  exports.Set("minimize", Napi::Function::New(env, minimize_js));
  exports.Set("secondsLeft", Napi::Function::New(env, seconds_left_js));
  exports.Set("resizePicture", Napi::Function::New(env, resize_picture_js));
  exports.Set("pixelTerm", Napi::Function::New(env, pixel_term_js));
  exports.Set("guidedFilter", Napi::Function::New(env, guided_filter_js));
  exports.Set("transferColors", Napi::Function::New(env, transfer_colors_js));
  env.AddCleanupHook([] { drop_idle_objectives(); });
  return exports;
}

}  // namespace
}  // namespace impasto

static Napi::Object initialize_addon(Napi::Env env, Napi::Object exports) {
  return impasto::initialize(env, exports);
}

NODE_API_MODULE(impasto, initialize_addon)
