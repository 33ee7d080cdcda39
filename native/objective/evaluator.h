// Computes losses' sums and the gradient at a picture: the whole at once, or tile by tile. Knows
// tensors, not losses: masks, targets and factors are inputs, by the names of model.h.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/cancellable.h"
#include "objective/model.h"

namespace impasto {

class Evaluator : public Cancellable {
 public:
  // What a run reads. `values` moves in.
  virtual void set_input(const std::string& name, std::vector<float> values,
                         const Shape& shape) = 0;
  void set_scalar(const std::string& name, double value, std::size_t rank) {
    set_input(name, {static_cast<float>(value)}, Shape(rank, 1));
  }

  // The features of the content layers at `pixels` become their targets. Returns Σ m P² of each,
  // by the content's masks as they are set.
  virtual std::vector<double> set_content(std::span<const float> pixels) = 0;

  // Features at `pixels` of layers that the model gives out, by layer. Not in tiles.
  virtual std::map<std::string, std::vector<float>> features(
      std::span<const float> pixels, const std::vector<std::string>& layers) = 0;

  // pixels, gradient: [3, H, W]. Writes the gradient and sums().
  virtual void evaluate(std::span<const float> pixels, std::span<float> gradient) = 0;
  virtual std::span<const float> sums() const = 0;

  // [any thread] cancel() ends an evaluation and every one after, until this.
  virtual void reset_cancel() = 0;
};

// For the whole picture, or for its tiles when the device's options want them.
std::unique_ptr<Evaluator> open_evaluator(std::shared_ptr<const Network> network,
                                          const Problem& problem, const DeviceOptions& device,
                                          Between between);
// Keeps it for the next job where that pays.
void close_evaluator(std::unique_ptr<Evaluator> evaluator);

}  // namespace impasto
