#include "addon/napi_learn.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "addon/napi_convert.h"
#include "addon/napi_job.h"
#include "addon/napi_task.h"
#include "learn/learn.h"
#include "learn/pupil.h"

namespace impasto {
namespace {

Napi::Float32Array floats_to_js(Napi::Env env, const std::vector<float>& values) {
  Napi::Float32Array array = Napi::Float32Array::New(env, values.size());
  std::copy(values.begin(), values.end(), array.Data());
  return array;
}

const std::map<std::string, Own> kOwns = {
    {"filters", Own::kFilters}, {"cin", Own::kScales}, {"stylebank", Own::kBank}};
const std::map<std::string, bool> kShared = {{"learned", false}, {"frozen", true}};

struct StudyArguments {
  Image style, content, draft;
  std::string network_path, detailer_path;
  Own own = Own::kFilters;
  int bank = 0;
  std::vector<float> values;
  std::uint32_t seed = 0;
  int threads = 0;
};

struct Studied {
  LessonLoss loss;
  Image picture;
  std::vector<float> values, gradient;
};

StudyArguments read_study(const Fields& object) {
  StudyArguments arguments;
  arguments.style = read_image(object, "style");
  arguments.content = read_image(object, "content");
  arguments.draft = read_image(object, "draft");
  arguments.network_path = read_string(object, "networkPath");
  arguments.detailer_path = read_string(object, "detailerPath");
  arguments.own = read_choice(object, "own", kOwns);
  arguments.bank = read_integer(object, "bank");
  arguments.seed = read_seed(object, "seed");
  arguments.threads = read_integer(object, "threads");
  if (const Napi::Value given = object.Get("values"); !given.IsNull()) {
    const auto values = given.As<Napi::Float32Array>();
    arguments.values.assign(values.Data(), values.Data() + values.ElementLength());
  }
  object.refuse_others("the request");
  return arguments;
}

Studied study(const StudyArguments& a) {
  const DetailTools tools =
      open_detail_tools(a.network_path, a.detailer_path, {DeviceKind::kCpu, a.threads});
  const std::shared_ptr<const Network> critics[] = {tools.encoder};
  Pupil pupil(tools, a.content.width, Padding::kReplicate, critics);
  const TaughtStyle style = pupil.measure(a.style);
  Lesson lesson = make_lesson(tools, style.statistics, a.content, a.draft);
  const std::vector<double> distances = pupil.distances(a.content, style, 0);
  renew_noise(*tools.detailer, pupil.layers(), a.seed, lesson);
  // The last of its styles: the others' own values stand before it.
  const std::size_t styles = a.own == Own::kFilters ? 1 : 2;
  const OwnPlan plan(pupil.plan(), a.own, static_cast<std::size_t>(a.bank), styles);
  std::vector<float> filters = read_filters(*tools.detailer, pupil.plan());
  std::vector<float> slopes(filters.size());
  Studied studied;
  studied.values = a.values.empty() ? plan.start(filters) : a.values;
  studied.gradient.resize(studied.values.size());
  plan.fold(studied.values, styles - 1, filters);
  studied.loss = pupil.study(filters, lesson, style, 0, distances, slopes);
  plan.unfold(studied.values, styles - 1, slopes, 1, studied.gradient);
  studied.picture = pupil.paint(filters, lesson);
  return studied;
}

Napi::Value studied_to_js(Napi::Env env, const Studied& studied) {
  Napi::Object result = Napi::Object::New(env);
  result.Set("loss", studied.loss.total);
  result.Set("styleGap", studied.loss.style_gap);
  result.Set("content", studied.loss.content);
  result.Set("picture", picture_to_js(env, studied.picture));
  result.Set("values", floats_to_js(env, studied.values));
  result.Set("gradient", floats_to_js(env, studied.gradient));
  return result;
}

}  // namespace

Napi::Value start_learning(const Napi::CallbackInfo& info) {
  const Fields object = info[0].As<Napi::Object>();
  LearnRequest request;
  request.styles = read_images(object, "styles");
  request.frames = read_images(object, "frames");
  request.settings = read_settings(read_object(object, "settings"));
  request.seconds = read_number(object, "seconds");
  request.pieces = read_integer(object, "pieces");
  request.draft_side = read_integer(object, "draftSide");
  request.own = read_choice(object, "own", kOwns);
  request.bank = read_integer(object, "bank");
  request.frozen = read_choice(object, "shared", kShared);
  request.network_path = read_string(object, "networkPath");
  request.critic_path = read_string(object, "criticPath");
  request.detailer_path = read_string(object, "detailerPath");
  request.checkpoint =
      read_optional_bytes(object, "checkpoint").value_or(std::vector<std::uint8_t>());
  object.refuse_others("the request");

  const Settings settings = request.settings;
  const auto shared = std::make_shared<const LearnRequest>(std::move(request));
  const auto learned = std::make_shared<Learned>();
  return launch(info[1].As<Napi::Object>(),
                {[shared, learned](Host& host) {
                   *learned = learn(*shared, host);
                   return std::move(learned->result);
                 },
                 settings,
                 {},
                 [learned](Napi::Object result) {
                   result.Set("filters", floats_to_js(result.Env(), learned->filters));
                   Napi::Array own = Napi::Array::New(result.Env(), learned->own.size());
                   for (std::size_t i = 0; i < learned->own.size(); ++i) {
                     own.Set(static_cast<std::uint32_t>(i),
                             floats_to_js(result.Env(), learned->own[i]));
                   }
                   result.Set("own", own);
                   result.Set("gapBefore", learned->gap_before);
                   result.Set("gapAfter", learned->gap_after);
                 }});
}

Napi::Value study_lesson_js(const Napi::CallbackInfo& info) {
  const auto arguments =
      std::make_shared<StudyArguments>(read_study(Fields(info[0].As<Napi::Object>())));
  return Task<Studied>::run(
      info.Env(), [arguments] { return study(*arguments); }, studied_to_js);
}

}  // namespace impasto
