// Content loss of one layer (Gatys et al. 2016, eq. 1, as a mean): the mean over all entries of
// (F − P)², F = φ(x), P = φ(content); with a mask, the weighted mean.
#pragma once

#include <span>
#include <string>

#include "graph/vgg.h"
#include "objective/loss.h"

namespace impasto {

// Inputs: target [1, C, h, w], factor [1, 1, 1, 1], mask [1, 1, h, w] or empty.
// sum = Σ m (F − P)²; gradient = factor · m (F − P).
LossNodes add_content_loss(GraphBuilder& graph, const std::string& features,
                           const std::string& target, const std::string& factor,
                           const std::string& mask);

// Σ m P² of features P, [C, h, w]; `mask`: [h, w], or empty for none.
double content_energy(std::span<const float> target, std::size_t plane,
                      std::span<const float> mask);

// What turns the sum into the loss: 1 / (C · area) as the canonical mean, or, when `relative`,
// 1 / energy, which is the same at every size, layer and picture.
double content_scale(double energy, int channels, double area, bool relative);

// Of loss = scale · sum: the factor for a loss of weight `weight`.
inline double content_factor(double weight, double scale) { return 2 * weight * scale; }

}  // namespace impasto
