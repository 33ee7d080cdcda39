// The objective of one problem size: value and gradient of
//   content · Σ content losses + style · (Σ style losses) / layers + tv · total variation
// with respect to the pixels. One ONNX Runtime session per Problem; targets and weights are
// inputs of the graph, so that another picture or another strength costs no new session.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/cancellable.h"
#include "base/settings.h"
#include "base/tensor.h"
#include "network/network.h"
#include "objective/style_loss.h"

namespace impasto {

// What a session is built for. Two equal problems share one session.
struct Problem {
  int height = 0;
  int width = 0;
  std::vector<std::string> style_layers;
  std::vector<std::string> content_layers;
  std::vector<ContentLoss> content_losses;  // of features, summed at each content layer
  std::vector<StyleLoss> style_losses;      // summed at each style layer
  Pooling pooling = Pooling::kAverage;
  Padding padding = Padding::kZero;
  TvNorm tv = TvNorm::kL2;
  bool masked = false;  // not all of the content counts
  // Styles that have each their own part of the picture; 0: one over all of it.
  int regions = 0;
  bool operator==(const Problem&) const = default;
};

// Losses by layer are weighted by term alone; content, style and tv are weighted and sum up to
// total. With StyleLoss::kGram by itself all are the canonical ones; with the others, style and
// content losses are relative to the size of their targets, and so alike at every size, layer and
// picture. With regions a layer's style loss is the mean over them by area, and its share in the
// total falls with the part of the picture that no region covers: a style pulls as hard at each
// pixel of its own as it would without regions.
struct LossValues {
  double total = 0;
  double content = 0;
  double style = 0;
  double tv = 0;
  std::vector<double> content_layers;
  std::vector<double> style_layers;
  // Unweighted, of each loss: its parts of content_layers and style_layers.
  std::vector<std::vector<double>> content_terms;
  std::vector<std::vector<double>> style_terms;
};

// Where and how sessions run.
struct DeviceOptions {
  DeviceKind kind = DeviceKind::kCpu;
  int threads = 0;  // 0: one per physical core
  int tile = 0;     // pictures larger than tile × tile px are worked at in such tiles; 0: never
};

// Told before each tile what part of an evaluation is done. What it throws ends the evaluation.
using Between = std::function<void(double share)>;

class Objective : public Cancellable {
 public:
  // What to compare with: one style for each region, or one. Layers that a style lacks are left
  // out.
  virtual void set_styles(std::span<const MeasuredStyle> styles) = 0;
  // `mask`: [1, H, W] in 0 … 1 or null when the problem is not masked. `regions`: one for each, of
  // that kind, nowhere more than the mask. One that covers too little of a layer is left out there.
  virtual void set_content(const Image& content, const Image* mask,
                           std::span<const Image> regions) = 0;
  virtual void set_weights(const Weights& weights) = 0;

  // Finds anew what the style has for each place of a picture, for the losses that match patches:
  // their target until the next time. Without it they count for nothing.
  virtual void rematch(std::span<const float> pixels) = 0;

  // pixels, gradient: [3, H, W]. Throws Error("cancelled") after cancel().
  virtual LossValues evaluate(std::span<const float> pixels, std::span<float> gradient) = 0;

  // [any thread] cancel() ends a running evaluate() and every one after, until this.
  virtual void reset_cancel() = 0;

  virtual const Problem& problem() const = 0;
};

// Builds (or takes from the cache of idle sessions) the objective for a problem.
std::unique_ptr<Objective> open_objective(std::shared_ptr<const Network> network,
                                          const Problem& problem, const DeviceOptions& device,
                                          Between between = {});

// Drops the sessions kept for reuse. Must be called before the process ends: a GPU's sessions do
// not survive its driver's own clean-up.
void drop_idle_objectives();

// Measures a style picture at its own size. `mask`: [1, H, W] or null. Cached by content hash by
// the caller. Throws Error("cancelled") when what `watch` was told of is cancelled.
MeasuredStyle measure_style(std::shared_ptr<const Network> network, const Image& style,
                            const Image* mask, const std::vector<std::string>& layers,
                            Pooling pooling, Padding padding, const DeviceOptions& device,
                            const Watch& watch = {});

// Adds the features, or patches of them, that the problem's losses look at, of `layers`.
void measure_features(MeasuredStyle& measured, std::shared_ptr<const Network> network,
                      const Image& style, const Image* mask, const Problem& problem,
                      const std::vector<std::string>& layers, const DeviceOptions& device,
                      const Watch& watch = {});

// True when a style loss of the problem matches patches; at this layer.
bool is_matched(const Problem& problem);
bool is_matched(const Problem& problem, const std::string& layer);

// The canonical losses of `image`, unweighted: what `impasto evaluate` prints.
struct CanonicalLosses {
  std::map<std::string, double> content;
  std::map<std::string, double> style;
  double tv_l1 = 0;
  double tv_l2 = 0;
};

// `image` and `content` have one size, `style` its own; all [3, H, W]. Padding is zero.
// Throws Error("bad-picture") when the sizes differ or a side is shorter than 32 px.
CanonicalLosses evaluate_canonical(std::shared_ptr<const Network> network, const Image& image,
                                   const Image& content, const Image& style,
                                   const std::vector<std::string>& style_layers,
                                   const std::vector<std::string>& content_layers, Pooling pooling,
                                   const DeviceOptions& device);

// One evaluation from pictures, for tests and benches, repeated to be timed. Masks may be null.
struct Evaluation {
  LossValues losses;
  std::vector<float> gradient;  // [3, H, W]
  std::vector<MeasuredStyle> styles;
  std::vector<double> seconds;  // of each repetition
};
struct MaskedImage {
  Image rgb;
  std::optional<Image> mask;

  const Image* mask_or_null() const { return mask ? &*mask : nullptr; }
};
Evaluation evaluate_once(std::shared_ptr<const Network> network, const Problem& problem,
                         const Image& image, const MaskedImage& content,
                         std::span<const MaskedImage> styles, std::span<const Image> regions,
                         const Weights& weights, const DeviceOptions& device, int repeats = 1);

// Whether a picture can be worked at in tiles: each loss follows from sums over positions.
bool has_tiles(const Problem& problem);
// Side of the smallest tiles, px: half of it is halo.
int smallest_tile(const Network& network, const Problem& problem);

// Bytes that evaluating this problem will take at its peak, predicted from the shapes.
std::size_t predict_bytes(const Network& network, const Problem& problem);
// The same in tiles of tile × tile px.
std::size_t predict_bytes(const Network& network, const Problem& problem, int tile);
// What stays of evaluations that were done before, for the next job: their sessions, idle.
std::size_t predict_idle_bytes(const Network& network, std::span<const Problem> problems);
// Pixels whose evaluation at once takes as long as that of the problem in tiles.
double pixels_in_tiles(const Network& network, const Problem& problem, int tile);

}  // namespace impasto
