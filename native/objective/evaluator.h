// A session of an objective's model with the memory that it reads and writes. What the cache keeps
// between jobs; knows tensors, not losses.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "objective/model.h"
#include "ort/session.h"

namespace impasto {

class Evaluator {
 public:
  Evaluator(std::shared_ptr<const Network> network, const Problem& problem,
            const DeviceOptions& device);

  // True when this session can serve the problem: padding, total variation and what a
  // loss is relative to are no part of the graph.
  bool serves(const Network& network, const Problem& problem, const DeviceOptions& device) const;

  // `values` moves in; a GPU takes its copy at once and keeps it.
  void set_input(const std::string& name, std::vector<float> values, const Shape& shape);
  void set_scalar(const std::string& name, double value, std::size_t rank);

  // [1, 3, H + 2, W + 2]
  std::span<float> pixels() { return pixels_; }
  std::span<const float> gradient() const { return gradient_; }
  std::span<const float> sums() const { return sums_; }

  // sums() and gradient() of pixels().
  void run();
  // Features of `layers` at pixels(), by layer. Leaves sums() and gradient() as they are.
  std::map<std::string, std::vector<float>> run_features(const std::vector<std::string>& layers);

  void cancel() { session_->cancel(); }
  void reset_cancel() { session_->reset_cancel(); }

  // Gives the memory of intermediate results back.
  void become_idle();

  // False once a run has failed of itself: what a lost device left behind serves no other job.
  bool sound() const { return sound_; }

  // Of the weights and what else an idle session keeps.
  std::size_t idle_bytes() const;

 private:
  void bind_results();
  void run_session();

  std::shared_ptr<const Network> network_;
  std::shared_ptr<const FlippedFilters> flipped_;
  Problem problem_;
  DeviceOptions device_;
  std::vector<FeatureShape> shapes_;
  std::map<std::string, std::vector<float>> inputs_;
  std::vector<float> pixels_;
  std::vector<float> gradient_;
  std::vector<float> sums_;
  bool sound_ = true;
  std::unique_ptr<ort::Session> session_;  // last: it points into what stands above
};

// [any thread] Takes an idle session that serves the problem, or makes one.
std::unique_ptr<Evaluator> acquire_evaluator(std::shared_ptr<const Network> network,
                                             const Problem& problem, const DeviceOptions& device);
// [any thread] Keeps a sound one for the next job, dropping those idle longest when they become too
// much.
void release_evaluator(std::unique_ptr<Evaluator> evaluator);
// [any thread] Drops all idle sessions.
void drop_idle_evaluators();

}  // namespace impasto
