// The evaluator of a whole picture: one session of the objective's model with the memory that it
// reads and writes. What the cache keeps between jobs.
#pragma once

#include <map>

#include "objective/evaluator.h"
#include "ort/session.h"

namespace impasto {

class SessionEvaluator final : public Evaluator {
 public:
  SessionEvaluator(std::shared_ptr<const Network> network, const Problem& problem,
                   const DeviceOptions& device);

  // True when this session can serve the problem: padding, total variation and what a
  // loss is relative to are no part of the graph.
  bool serves(const Network& network, const Problem& problem, const DeviceOptions& device) const;
  // One that it serves.
  void take_up(const Problem& problem) { problem_ = problem; }

  // A GPU takes its copy of `values` at once and keeps it.
  void set_input(const std::string& name, std::vector<float> values, const Shape& shape) override;
  std::vector<double> set_content(std::span<const float> pixels) override;
  std::map<std::string, std::vector<float>> features(
      std::span<const float> pixels, const std::vector<std::string>& layers) override;
  void evaluate(std::span<const float> pixels, std::span<float> gradient) override;
  std::span<const float> sums() const override { return sums_; }

  void cancel() override { session_->cancel(); }
  void reset_cancel() override { session_->reset_cancel(); }

  // Gives the memory of intermediate results back.
  void become_idle();

  // False once a run has failed of itself: what a lost device left behind serves no other job.
  bool sound() const { return sound_; }

  // Of the weights and what else an idle session keeps.
  std::size_t idle_bytes() const;

 private:
  void load_pixels(std::span<const float> pixels);
  void bind_results();
  void run_session();
  // Of `layers`, by layer. Leaves sums() and the gradient as they are.
  std::map<std::string, std::vector<float>> run_features(const std::vector<std::string>& layers);

  std::shared_ptr<const Network> network_;
  std::shared_ptr<const FlippedFilters> flipped_;
  Problem problem_;
  DeviceOptions device_;
  std::vector<FeatureShape> shapes_;
  std::map<std::string, std::vector<float>> inputs_;
  std::vector<float> pixels_;    // [1, 3, H + 2, W + 2]
  std::vector<float> gradient_;  // the same
  std::vector<float> sums_;
  bool sound_ = true;
  std::unique_ptr<ort::Session> session_;  // last: it points into what stands above
};

// [any thread] Takes an idle one that serves the problem, or makes one.
std::unique_ptr<SessionEvaluator> take_session_evaluator(std::shared_ptr<const Network> network,
                                                         const Problem& problem,
                                                         const DeviceOptions& device);
// [any thread] Keeps a sound one for the next job, dropping those idle longest when they become too
// much.
void keep_session_evaluator(std::unique_ptr<SessionEvaluator> evaluator);
// [any thread] Drops all idle sessions.
void drop_idle_evaluators();

}  // namespace impasto
