// The settings that the engine reads, fields as in companion/protocol/settings.ts but resolved:
// no setting has a default here (the initializers stand for nothing chosen), a missing field is a
// TypeError at the addon's border. `auto` never comes here: the companion has chosen
// (companion/gpu/choose-device.ts).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace impasto {

enum class Method { kOptimize, kQuick };
enum class StyleLoss {
  kGram,
  kGramNormalized,
  kW2,
  kBn,
  kMmdLinear,
  kMmdGaussian,
  kSliced,
  kHistogram,
  kNearest,
  kPatches
};
enum class ContentLoss { kFeatures, kSelfSimilarity, kLaplacian };
enum class TvNorm { kL1, kL2, kNinePoint };
enum class Pooling { kAverage, kMax };
enum class Padding { kZero, kReplicate, kReflect };
enum class Init { kContent, kNoise, kStyleColors, kImage };
enum class OptimizerKind { kLbfgs, kAdam };
enum class Colors { kStyle, kKeep, kKeepLinear, kKeepHistogram };
enum class Seamless { kOff, kHorizontal, kVertical, kBoth };
enum class Photoreal { kOff, kGuided, kMatting };
enum class Carry { kTransport, kMeansAndDeviations };
enum class DeviceKind { kCpu, kWebGpu, kCoreMl, kDml, kCuda };

// A loss in a sum of losses.
template <typename Loss>
struct Term {
  Loss loss;
  double weight = 0;
};

// Weights of the loss terms. May change between two iterations.
struct Weights {
  double content = 0;                  // multiplies the sum over content layers
  double style = 0;                    // multiplies the mean over style layers
  double tv = 0;                       // multiplies the total variation
  std::vector<double> content_layers;  // one for each content layer
  std::vector<double> style_layers;    // one for each style layer
  std::vector<double> content_terms;   // one for each loss of the sum at each content layer
  std::vector<double> style_terms;     // one for each loss of the sum at each style layer
};

// Settings that may change while a run goes on.
struct LiveSettings {
  // Weight of the style term when the content term's is 1, both relative; 0 leaves the content as
  // it is. What strength means (companion/protocol/strength.ts).
  double style_to_content = 0;
  double draft_style_to_content = 0;  // the same of a quick picture's draft
  double detail_share = 0;            // of the style's statistics that its detail carries, 0 … 2
  std::optional<std::vector<double>> style_layer_weights;
  std::optional<std::vector<double>> content_layer_weights;
  std::optional<double> content_weight;  // by hand: overrides style_to_content
  std::optional<double> style_weight;
  double tv_weight = 0;
  double step_size = 0;
};

// One run's settings.
struct Settings {
  LiveSettings live;
  Method method = Method::kOptimize;
  int size = 0;                  // long side of the result, px
  std::optional<double> budget;  // seconds; overrides the iteration counts
  Colors colors = Colors::kStyle;
  Photoreal photoreal = Photoreal::kOff;
  double photoreal_share = 0;  // 0 … 1
  double style_scale = 0;
  Carry carry = Carry::kTransport;  // what a quick picture's detail takes of the style
  Seamless seamless = Seamless::kOff;
  std::vector<std::string> style_layers;
  std::vector<std::string> content_layers;
  TvNorm tv = TvNorm::kL2;
  std::vector<Term<ContentLoss>> content_terms;
  std::vector<Term<StyleLoss>> style_terms;
  std::optional<Pooling> pooling;  // unset: the network's own
  Padding padding = Padding::kZero;
  Init init = Init::kContent;
  std::uint32_t seed = 0;
  OptimizerKind optimizer = OptimizerKind::kLbfgs;
  int history = 0;
  double averaging = 0;
  int min_scale = 0;          // of the coarsest scale; of the draft where the method is quick
  int first_iterations = 0;   // there
  int middle_iterations = 0;  // of a quick picture between its first doubling and the next
  int iterations = 0;         // at each further scale; of the polish where the method is quick
  int easing_side = 0;        // px; scales with a longer side have fewer; 0: none has
  DeviceKind device = DeviceKind::kCpu;
  int threads = 0;               // 0: one per physical core
  std::optional<double> memory;  // bytes that a run may take; unset: what the machine has free
};

// The content losses that look at features; the others look at pixels and need no graph.
inline std::vector<Term<ContentLoss>> feature_terms(const Settings& settings) {
  std::vector<Term<ContentLoss>> terms;
  for (const auto& term : settings.content_terms) {
    if (term.loss != ContentLoss::kLaplacian) terms.push_back(term);
  }
  return terms;
}

}  // namespace impasto
