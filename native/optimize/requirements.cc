#include "optimize/requirements.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <map>
#include <mutex>
#include <utility>

#include "base/error.h"
#include "machine/devices.h"
#include "machine/memory.h"
#include "objective/objective.h"
#include "optimize/engine.h"
#include "optimize/pixel_terms.h"
#include "optimize/scene.h"
#include "ort/status.h"

namespace impasto {
namespace {

// Part of the free memory, and of a GPU's, that a run may fill; that one may which works at
// pictures at once, for others want to live beside it and tiles are there; and what is small on any
// machine.
constexpr double kUsable = 0.9;
constexpr double kAtOnce = 0.5;
constexpr double kSmallBytes = 4e9;

std::string join(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

template <typename Loss>
std::string joined_losses(const std::vector<Term<Loss>>& terms) {
  std::string text;
  for (const auto& term : terms) text += std::to_string(static_cast<int>(term.loss)) + ",";
  return text;
}

// The largest long side whose run fits; 0: not even the smallest.
int largest_size(Demand demand, const Room& room) {
  const Size size = demand.result;
  int low = 0, high = size.long_side();
  while (high - low > 1) {
    const int middle = (low + high) / 2;
    const Size candidate = demand.result = with_long_side(size, middle);
    const std::vector<Scale> alone = {{candidate, demand.settings.history}};
    const bool fits =
        candidate.short_side() < kSmallestSide ||
        static_cast<double>(find_footings(demand, alone, room).back().bytes) <= room.most;
    (fits ? low : high) = middle;
  }
  return with_long_side(size, low).short_side() < kSmallestSide ? 0 : low;
}

// Seconds per pixel of one loss and gradient.
double seconds_per_pixel(std::shared_ptr<const Network> network, const Settings& settings,
                         DeviceKind kind, Parts parts) {
  static std::mutex mutex;
  static std::map<std::string, double> measured;
  const std::string key = network->identity + "|" + join(settings.style_layers) + "|" +
                          join(settings.content_layers) + "|" + std::to_string(settings.threads) +
                          "|" + ort::device_word(kind) + "|" + joined_losses(settings.style_terms) +
                          joined_losses(feature_terms(settings)) + "|" +
                          std::to_string(pooling_of(settings, *network) == Pooling::kMax) + "|" +
                          std::to_string(parts.masked) + std::to_string(parts.regions);
  const std::lock_guard lock(mutex);
  if (const auto known = measured.find(key); known != measured.end()) return known->second;

  constexpr int kSide = 128;
  const Problem problem = problem_at({kSide, kSide}, settings, *network, parts);
  Image gray{3, problem.height, problem.width, {}};
  gray.data.assign(gray.size(), 0.5f);
  const DeviceOptions device{kind, settings.threads};
  const auto objective = open_objective(network, problem, device);
  MeasuredStyle style = measure_style(network, gray, nullptr, settings.style_layers,
                                      problem.pooling, settings.padding, device);
  measure_features(style, network, gray, nullptr, problem, settings.style_layers, device);
  objective->set_styles(std::vector(static_cast<std::size_t>(std::max(1, parts.regions)), style));
  Image everywhere{1, gray.height, gray.width, {}};
  everywhere.data.assign(everywhere.plane(), 1);
  const std::vector<Image> regions(static_cast<std::size_t>(parts.regions), everywhere);
  objective->set_content(gray, nullptr, regions);
  Weights weights;
  weights.content = weights.style = weights.tv = 1;
  weights.content_layers.assign(problem.content_layers.size(), 1);
  weights.content_terms.assign(problem.content_losses.size(), 1);
  weights.style_layers.assign(settings.style_layers.size(), 1);
  weights.style_terms.assign(settings.style_terms.size(), 1);
  objective->set_weights(weights);
  std::vector<float> gradient(gray.size());
  double fastest = 1e9;
  for (int i = 0; i < 3; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    objective->evaluate(gray.data, gradient);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    if (i > 0) fastest = std::min(fastest, took.count());  // the first run sets buffers up
  }
  if (is_matched(problem)) {
    const auto begin = std::chrono::steady_clock::now();
    objective->rematch(gray.data);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    fastest += took.count() / kIterationsPerMatch;
  }
  return measured[key] = fastest / static_cast<double>(gray.plane());
}

}  // namespace

Room room_for(const Settings& settings) {
  const double free = static_cast<double>(free_memory());
  double most = kUsable * free;
  if (settings.memory) most = std::min(most, *settings.memory);
  const double at_once = settings.memory ? most : std::max(kSmallBytes, kAtOnce * free);
  const double device = settings.device == DeviceKind::kWebGpu
                            ? kUsable * gpu_memory()
                            : std::numeric_limits<double>::infinity();
  return {most, std::min(most, at_once), device};
}

void check_layers(const Network& network, const std::vector<std::string>& style_layers,
                  const std::vector<std::string>& content_layers) {
  std::vector<std::string> has, lacks;
  for (const Convolution& convolution : network.convolutions) has.push_back(convolution.layer);
  for (const auto* layers : {&style_layers, &content_layers}) {
    for (const std::string& layer : *layers) {
      if (std::find(has.begin(), has.end(), layer) == has.end()) lacks.push_back(layer);
    }
  }
  if (lacks.empty()) return;
  throw Error(
      "layer-missing",
      "The network " + network.name + " has no " + join(lacks) + "; it has " + join(has) + ".",
      "Choose layers that it has with --style-layers and --content-layers, or another network.");
}

std::vector<Footing> require_footings(const Demand& demand, const std::vector<Scale>& scales) {
  const Room room = room_for(demand.settings);
  std::vector<Footing> footings = find_footings(demand, scales, room);
  const auto needed = static_cast<double>(footings.back().bytes);
  if (needed <= room.most) return footings;
  const Size size = scales.back().size;
  const int largest = largest_size(demand, room);
  const auto gigabytes = [](double bytes) {
    std::string text = std::to_string(bytes / (1 << 30));
    return text.substr(0, text.find('.') + 2) + " GB";
  };
  const bool limited = demand.settings.memory == room.most;
  const std::string remedy = limited ? "allow more memory." : "close other programs.";
  std::string hint =
      largest > 0 ? "Choose a size of " + std::to_string(largest) + " px or less, or " + remedy
                  : (limited ? "Allow more memory." : "Close other programs.");
  if (!has_tiles(problem_at(size, demand.settings, demand.network, demand.parts))) {
    hint +=
        " With style losses of w2, gram, bn or mmd-linear and content losses of features or "
        "laplacian alone it is painted in tiles, which take less.";
  }
  throw Error("out-of-memory",
              "A result of " + std::to_string(size.long_side()) + " px needs " + gigabytes(needed) +
                  " of memory and " + gigabytes(room.most) +
                  (limited ? " are allowed." : " are free."),
              hint);
}

RunPlan make_plan(Size content, const Settings& settings, const std::string& network_path,
                  Parts parts) {
  const auto network = load_network(network_path);
  check_layers(*network, settings.style_layers, settings.content_layers);
  RunPlan plan;
  plan.size = result_size(content, settings);
  plan.scales = make_schedule(plan.size, settings);
  DeviceKind kind = settings.device;
  double per_pixel = 0;
  try {
    per_pixel = seconds_per_pixel(network, settings, kind, parts);
  } catch (const Error& error) {
    if (!is_device_failure(error) || kind == DeviceKind::kCpu) throw;
    kind = DeviceKind::kCpu;  // as the run will do
    per_pixel = seconds_per_pixel(network, settings, kind, parts);
  }
  plan.device = ort::device_word(kind);
  const Room room = room_for(settings);
  const Demand demand{*network, settings, content, plan.size, parts};
  plan.footings = find_footings(demand, plan.scales, room);
  for (std::size_t i = 0; i < plan.scales.size(); ++i) {
    const Problem problem = problem_at(plan.scales[i].size, settings, *network, parts);
    const int tile = plan.footings[i].tile;
    const double pixels = tile == 0 ? static_cast<double>(problem.width) * problem.height
                                    : pixels_in_tiles(*network, problem, tile);
    plan.seconds_per_iteration.push_back(per_pixel * pixels);
    plan.seconds += plan.seconds_per_iteration.back() * plan.scales[i].iterations;
  }
  if (settings.budget) plan.seconds = *settings.budget;
  const Footing& last = plan.footings.back();
  plan.fits = static_cast<double>(last.bytes) <= room.most;
  plan.peak_bytes = last.bytes;
  plan.largest_size = plan.fits ? plan.size.long_side() : largest_size(demand, room);
  return plan;
}

}  // namespace impasto
