// The decoder while it learns: paints a lesson with the filters as they stand, hears from the
// objective how far that is from the style, and takes the answer back to the filters.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "learn/decoder_graphs.h"
#include "learn/lesson.h"
#include "ort/session.h"

namespace impasto {

// How far a painted lesson is from what it should be.
struct LessonLoss {
  double total = 0;
  double style_gap = 0;  // W2² to the style over the content's own, mean of the studied layers
  double content = 0;    // relative to the content's features
};

// A style as lessons of one size are held against it.
struct TaughtStyle {
  Gaussians statistics;                // by the encoder: what the decoder reads is carried onto it
  std::vector<MeasuredStyle> critics;  // by each critic
};

class Pupil {
 public:
  // `side`: of its lessons. `critics`: networks that say how far a picture is from a style; what
  // only one of them sees is easily learned for that one alone.
  Pupil(const DetailTools& tools, int side, Padding padding,
        std::span<const std::shared_ptr<const Network>> critics);

  std::size_t critics() const { return critics_.size(); }

  const FilterPlan& plan() const { return plan_; }
  const std::vector<DetailLayer>& layers() const { return layers_; }

  // `style`: the picture as it stands beside a result of the lessons' size.
  TaughtStyle measure(const Image& style) const;

  // How far a content is from the style, by layer: what a lesson's losses are relative to.
  std::vector<double> distances(const Image& content, const TaughtStyle& style, std::size_t critic);

  // [3, side, side], within 0 … 1.
  Image paint(std::span<const float> filters, const Lesson& lesson);

  // Writes the gradient of the loss with respect to the filters. `distances`: of the lesson's
  // content to the style.
  LessonLoss study(std::span<const float> filters, const Lesson& lesson, const TaughtStyle& style,
                   std::size_t critic, std::span<const double> distances,
                   std::span<float> gradient);

 private:
  void bind_filters(std::size_t convolution);
  void bind_maps(std::size_t convolution);
  void run_painting(std::span<const float> filters, const Lesson& lesson);
  void run_gradient(std::span<float> gradient);
  LessonLoss compare(const Lesson& lesson, const TaughtStyle& style, std::size_t critic,
                     std::span<const double> distances);
  void run(ort::Session& session);

  const DetailTools& tools_;
  int side_;
  Padding padding_;
  FilterPlan plan_;
  std::vector<DetailLayer> layers_;
  // What the sessions point to stands before them.
  std::vector<float> filters_, turned_, slopes_;
  std::vector<std::vector<float>> own_, made_;
  std::vector<float> painted_, pull_;
  std::vector<std::shared_ptr<const Network>> networks_;  // of the critics
  std::vector<std::unique_ptr<Objective>> critics_;
  std::unique_ptr<ort::Session> painting_, gradient_;
};

}  // namespace impasto
