#include "machine/device_probe.h"

#include <chrono>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "objective/objective.h"

namespace impasto {
namespace {

constexpr double kMaxError = 1e-3;
// A software adapter takes seconds for what a GPU does in milliseconds; the thin picture shows it
// before the larger one would take minutes.
constexpr double kThinLimitSeconds = 0.25;

// Uniform in -1 … 1, the same on every machine.
class Noise {
 public:
  float operator()() {
    state_ = state_ * 1664525u + 1013904223u;
    return static_cast<float>(state_ >> 8) / 8388608.0f - 1.0f;
  }

 private:
  std::uint32_t state_ = 1;
};

std::shared_ptr<const Network> random_network(int width) {
  const std::vector<std::pair<const char*, int>> layers = {
      {"relu1_1", width},     {"relu1_2", width},     {"relu2_1", 2 * width},
      {"relu2_2", 2 * width}, {"relu3_1", 4 * width}, {"relu3_2", 4 * width}};
  auto network = std::make_shared<Network>();
  network->name = "probe";
  network->mean = {0.5f, 0.5f, 0.5f};
  network->std = {0.25f, 0.25f, 0.25f};
  Noise noise;
  int channels = 3;
  for (const auto& [layer, out] : layers) {
    Convolution convolution;
    convolution.layer = layer;
    convolution.in_channels = channels;
    convolution.out_channels = out;
    convolution.weight.resize(static_cast<std::size_t>(out) * channels * 9);
    convolution.bias.assign(static_cast<std::size_t>(out), 0.05f);
    const float bound = std::sqrt(6.0f / static_cast<float>(9 * channels));  // He et al. 2015
    for (float& value : convolution.weight) value = bound * noise();
    network->convolutions.push_back(std::move(convolution));
    channels = out;
  }
  return network;
}

struct Sample {
  std::vector<float> gradient;
  double seconds = 0;  // of the second evaluation; the first compiles
};

Sample evaluate_sample(const std::shared_ptr<const Network>& network, int side, DeviceKind kind) {
  Problem problem;
  problem.height = side;
  problem.width = side;
  problem.style_layers = {"relu1_1", "relu2_1", "relu3_1"};
  problem.content_layers = {"relu3_2"};
  problem.content_losses = {ContentLoss::kFeatures};
  problem.style_losses = {StyleLoss::kGramNormalized};
  Image picture{3, side, side, {}};
  picture.data.resize(picture.size());
  Noise noise;
  for (float& value : picture.data) value = 0.5f + 0.5f * noise();
  Image other = picture;
  for (float& value : other.data) value = 0.5f + 0.3f * noise();

  const DeviceOptions device{kind, 0};
  const DeviceOptions cpu{DeviceKind::kCpu, 0};
  const auto objective = open_objective(network, problem, device);
  const MeasuredStyle style = measure_style(network, other, nullptr, problem.style_layers,
                                            problem.pooling, problem.padding, cpu);
  objective->set_styles({&style, 1});
  objective->set_content(other, nullptr, {});
  objective->set_weights({.content = 1,
                          .style = 1,
                          .content_layers = {1},
                          .style_layers = {1, 1, 1},
                          .content_terms = {1},
                          .style_terms = {1}});
  Sample sample;
  sample.gradient.resize(picture.size());
  objective->evaluate(picture.data, sample.gradient);
  const auto begin = std::chrono::steady_clock::now();
  objective->evaluate(picture.data, sample.gradient);
  sample.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return sample;
}

double relative_error(const std::vector<float>& values, const std::vector<float>& reference) {
  double difference = 0;
  double size = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double d = static_cast<double>(values[i]) - reference[i];
    difference += d * d;
    size += static_cast<double>(reference[i]) * reference[i];
  }
  return std::sqrt(difference / size);
}

ProbeResult compare(DeviceKind kind, int width, int side) {
  const auto network = random_network(width);
  const Sample cpu = evaluate_sample(network, side, DeviceKind::kCpu);
  const Sample device = evaluate_sample(network, side, kind);
  ProbeResult result;
  result.seconds = device.seconds;
  result.cpu_seconds = cpu.seconds;
  result.usable = relative_error(device.gradient, cpu.gradient) <= kMaxError;
  result.faster = device.seconds < cpu.seconds;
  if (!result.usable) result.reason = "It computes wrong numbers.";
  return result;
}

}  // namespace

ProbeResult probe_device(DeviceKind kind) {
  try {
    ProbeResult result = compare(kind, 4, 32);
    if (result.usable && result.seconds > kThinLimitSeconds) {
      result.reason = "It is slower than the CPU.";
      return result;
    }
    if (result.usable) result = compare(kind, 16, 224);
    if (result.usable && !result.faster) result.reason = "It is slower than the CPU.";
    return result;
  } catch (const Error& error) {
    ProbeResult result;
    result.reason = error.what();
    return result;
  }
}

}  // namespace impasto
