#include "objective/session_evaluator.h"

#include <algorithm>
#include <list>
#include <mutex>

#include "base/error.h"
#include "objective/border.h"
#include "objective/content_loss.h"
#include "objective/self_similarity.h"

namespace impasto {
namespace {

// What idle sessions may hold together: all scales of a slim network, a few of the full one.
constexpr std::size_t kMaxIdleBytes = std::size_t{384} << 20;

std::mutex g_idle_mutex;

// Longest idle first. Never destroyed: at the process's end ONNX Runtime may be gone before it.
std::list<std::unique_ptr<SessionEvaluator>>& idle_evaluators() {
  using List = std::list<std::unique_ptr<SessionEvaluator>>;
  static List& list = *std::make_unique<List>().release();
  return list;
}

std::size_t weight_bytes(const Network& network) {
  std::size_t count = 0;
  for (const auto& convolution : network.convolutions) count += convolution.weight.size();
  return count * sizeof(float);
}

std::size_t padded_size(const Problem& problem) {
  return 3 * static_cast<std::size_t>(problem.height + 2) *
         static_cast<std::size_t>(problem.width + 2);
}

std::size_t size_of(const Shape& shape) {
  std::size_t size = 1;
  for (const std::int64_t side : shape) size *= static_cast<std::size_t>(side);
  return size;
}

}  // namespace

std::size_t predict_idle_bytes(const Network& network, std::span<const Problem> problems) {
  std::size_t bytes = 0;
  for (const Problem& problem : problems) {
    const auto shapes = feature_shapes(network, problem.height, problem.width);
    std::size_t floats = 2 * padded_size(problem);
    for (const std::string& layer : problem.content_layers) {
      for (const ContentLoss loss : problem.content_losses)
        floats += size_of(content_target_shape(loss, shapes[layer_index(network, layer)]));
    }
    bytes += 2 * weight_bytes(network) + floats * sizeof(float);
  }
  return std::min(bytes, kMaxIdleBytes);
}

SessionEvaluator::SessionEvaluator(std::shared_ptr<const Network> network, const Problem& problem,
                                   const DeviceOptions& device)
    : network_(std::move(network)),
      flipped_(flipped_filters(network_)),
      problem_(problem),
      device_(device),
      shapes_(feature_shapes(*network_, problem.height, problem.width)) {
  const ort::Model model = build_objective_model(*network_, *flipped_, problem_);
  session_ = std::make_unique<ort::Session>(model, ort::SessionConfig{device.kind, device.threads});
  pixels_.resize(padded_size(problem));
  gradient_.resize(padded_size(problem));
  const std::size_t regions = static_cast<std::size_t>(std::max(1, problem.regions));
  sums_.resize(problem.style_layers.size() * regions * problem.style_losses.size() +
               problem.content_layers.size() * problem.content_losses.size());
  session_->bind_changing_input(names::kPixels, pixels_,
                                {1, 3, problem.height + 2, problem.width + 2});
  for (const std::string& layer : problem.content_layers) {
    const FeatureShape& shape = shapes_[layer_index(*network_, layer)];
    for (std::size_t t = 0; t < problem.content_losses.size(); ++t) {
      const Shape target = content_target_shape(problem.content_losses[t], shape);
      set_input(names::kContentTarget + term_name(layer, t), std::vector<float>(size_of(target)),
                target);
    }
  }
  bind_results();
}

bool SessionEvaluator::serves(const Network& network, const Problem& problem,
                              const DeviceOptions& device) const {
  Problem same = problem_;
  same.padding = problem.padding;
  same.tv = problem.tv;
  if (same_graph(same.style_losses, problem.style_losses)) {
    same.style_losses = problem.style_losses;
  }
  return network_.get() == &network && same == problem && device_.kind == device.kind &&
         device_.threads == device.threads;
}

void SessionEvaluator::bind_results() {
  session_->clear_outputs();
  session_->bind_output(names::kSums, sums_, {static_cast<std::int64_t>(sums_.size()), 1});
  session_->bind_output(names::kGradient, gradient_,
                        {1, 3, problem_.height + 2, problem_.width + 2});
}

void SessionEvaluator::set_input(const std::string& name, std::vector<float> values,
                                 const Shape& shape) {
  std::vector<float>& place = inputs_[name];
  place = std::move(values);
  session_->bind_input(name, place, shape);
}

void SessionEvaluator::run_session() {
  try {
    session_->run();
  } catch (const Error& error) {
    if (error.code() != "cancelled") sound_ = false;
    throw;
  }
}

void SessionEvaluator::load_pixels(std::span<const float> pixels) {
  normalize_and_pad(pixels, problem_.height, problem_.width,
                    {0, 0, problem_.height, problem_.width}, *network_, problem_.padding, pixels_);
}

void SessionEvaluator::evaluate(std::span<const float> pixels, std::span<float> gradient) {
  load_pixels(pixels);
  run_session();
  std::fill(gradient.begin(), gradient.end(), 0.0f);
  fold_gradient(gradient_, problem_.height, problem_.width, {0, 0, problem_.height, problem_.width},
                *network_, problem_.padding, gradient);
}

std::vector<double> SessionEvaluator::set_content(std::span<const float> pixels) {
  load_pixels(pixels);
  auto features = run_features(problem_.content_layers);
  std::vector<double> energies;
  for (const std::string& layer : problem_.content_layers) {
    const FeatureShape& shape = shapes_[layer_index(*network_, layer)];
    const auto found = inputs_.find(std::string("content_") + names::kMask + layer);
    const std::span<const float> mask =
        found == inputs_.end() ? std::span<const float>() : std::span<const float>(found->second);
    energies.push_back(content_energy(features[layer], shape.plane(), mask));
    for (std::size_t t = 0; t < problem_.content_losses.size(); ++t) {
      const ContentLoss loss = problem_.content_losses[t];
      set_input(names::kContentTarget + term_name(layer, t),
                loss == ContentLoss::kSelfSimilarity ? self_distances(features[layer], shape, mask)
                                                     : features[layer],
                content_target_shape(loss, shape));
    }
  }
  return energies;
}

std::map<std::string, std::vector<float>> SessionEvaluator::features(
    std::span<const float> pixels, const std::vector<std::string>& layers) {
  load_pixels(pixels);
  return run_features(layers);
}

std::map<std::string, std::vector<float>> SessionEvaluator::run_features(
    const std::vector<std::string>& layers) {
  std::map<std::string, std::vector<float>> result;
  session_->clear_outputs();
  for (const std::string& layer : layers) {
    const FeatureShape& shape = shapes_[layer_index(*network_, layer)];
    std::vector<float>& features = result[layer];
    features.resize(shape.size());
    session_->bind_output(layer, features, {1, shape.channels, shape.height, shape.width});
  }
  try {
    run_session();
  } catch (...) {
    bind_results();
    throw;
  }
  bind_results();
  return result;
}

void SessionEvaluator::become_idle() {
  session_->reset_cancel();
  session_->shrink();
}

std::size_t SessionEvaluator::idle_bytes() const {
  std::size_t bytes = 2 * weight_bytes(*network_) + (pixels_.size() + gradient_.size()) * 4;
  for (const auto& [name, values] : inputs_) bytes += values.size() * 4;
  return bytes;
}

std::unique_ptr<SessionEvaluator> take_session_evaluator(std::shared_ptr<const Network> network,
                                                         const Problem& problem,
                                                         const DeviceOptions& device) {
  {
    std::lock_guard lock(g_idle_mutex);
    auto& idle = idle_evaluators();
    for (auto place = idle.begin(); place != idle.end(); ++place) {
      if (!(*place)->serves(*network, problem, device)) continue;
      auto found = std::move(*place);
      idle.erase(place);
      found->take_up(problem);
      return found;
    }
  }
  return std::make_unique<SessionEvaluator>(std::move(network), problem, device);
}

void keep_session_evaluator(std::unique_ptr<SessionEvaluator> evaluator) {
  if (!evaluator->sound()) return;
  evaluator->become_idle();
  std::list<std::unique_ptr<SessionEvaluator>> dropped;  // destroyed outside the lock
  std::lock_guard lock(g_idle_mutex);
  auto& idle = idle_evaluators();
  idle.push_back(std::move(evaluator));
  std::size_t bytes = 0;
  for (const auto& each : idle) bytes += each->idle_bytes();
  while (bytes > kMaxIdleBytes && !idle.empty()) {
    bytes -= idle.front()->idle_bytes();
    dropped.splice(dropped.end(), idle, idle.begin());
  }
}

void drop_idle_evaluators() {
  std::list<std::unique_ptr<SessionEvaluator>> dropped;
  std::lock_guard lock(g_idle_mutex);
  dropped.swap(idle_evaluators());
}

}  // namespace impasto
