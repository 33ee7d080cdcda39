#include "addon/napi_detail.h"

#include <memory>

#include "addon/napi_convert.h"
#include "addon/napi_task.h"
#include "detail/detail.h"

namespace impasto {

Napi::Value add_detail_js(const Napi::CallbackInfo& info) {
  struct Arguments {
    Image draft, content, style;
    std::string network_path, detailer_path;
    Carry carry = Carry::kTransport;
    double share = 1;
    std::uint32_t seed = 0;
    int threads = 0;
    double window_pixels = 0;
  };
  const auto object = info[0].As<Napi::Object>();
  const auto arguments = std::make_shared<Arguments>(Arguments{
      read_image(object, "draft"), read_image(object, "content"), read_image(object, "style"),
      read_string(object, "networkPath"), read_string(object, "detailerPath"), read_carry(object),
      read_number(object, "share"), read_seed(object, "seed"), read_integer(object, "threads"),
      read_number(object, "windowPixels")});
  return Task<Image>::run(
      info.Env(),
      [arguments] {
        const auto& a = *arguments;
        DetailTools tools =
            open_detail_tools(a.network_path, a.detailer_path, {DeviceKind::kCpu, a.threads});
        tools.window_pixels = a.window_pixels;
        DetailStep step;
        step.style = measure_gaussians(tools, split_alpha(a.style));
        step.carry = a.carry;
        step.share = a.share;
        step.seed = a.seed;
        return add_detail(tools, a.draft, split_alpha(a.content), step);
      },
      [](Napi::Env env, const Image& image) -> Napi::Value { return picture_to_js(env, image); });
}

}  // namespace impasto
