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
  double style_gap = 0;  // W2² to the style over the content's own, mean of five layers
  double content = 0;    // relative to the content's features
};

class Pupil {
 public:
  // `style`: of the lessons' size. `critics`: networks that say how far a picture is from it; what
  // only one of them sees is easily learned for that one alone.
  Pupil(const DetailTools& tools, const Image& style, Padding padding,
        std::span<const std::shared_ptr<const Network>> critics);

  std::size_t critics() const { return critics_.size(); }

  const FilterPlan& plan() const { return plan_; }
  const std::vector<DetailLayer>& layers() const { return layers_; }

  // Measures what the lesson's losses are relative to; once for each lesson.
  void prepare(Lesson& lesson);

  // [3, side, side], within 0 … 1.
  Image paint(std::span<const float> filters, const Lesson& lesson);

  // Writes the gradient of the loss with respect to the filters.
  LessonLoss study(std::span<const float> filters, const Lesson& lesson, std::size_t critic,
                   std::span<float> gradient);

 private:
  void run_painting(std::span<const float> filters, const Lesson& lesson);
  void run_gradient(std::span<float> gradient);
  LessonLoss compare(const Lesson& lesson, std::size_t critic);
  void run(ort::Session& session);

  const DetailTools& tools_;
  FilterPlan plan_;
  std::vector<DetailLayer> layers_;
  // What the sessions point to stands before them.
  std::vector<float> filters_, turned_, slopes_;
  std::vector<std::vector<float>> own_, made_;
  std::vector<float> painted_, pull_;
  std::vector<std::unique_ptr<Objective>> critics_;
  std::unique_ptr<ort::Session> painting_, gradient_;
};

}  // namespace impasto
