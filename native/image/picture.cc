#include "image/picture.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "image/resize.h"

namespace impasto {
namespace {

Image premultiply(const Image& rgb, const Image& alpha) {
  Image result = rgb;
  for (int c = 0; c < rgb.channels; ++c) {
    for (std::size_t i = 0; i < rgb.plane(); ++i) result.data[c * rgb.plane() + i] *= alpha.data[i];
  }
  return result;
}

// Pixels of premultiplied `rgb` divided by `alpha`; those without any alpha come from `below`.
void unpremultiply(Image& rgb, const Image& alpha, const Image& below) {
  constexpr float kVisible = 1.0f / 512;
  for (int c = 0; c < rgb.channels; ++c) {
    for (std::size_t i = 0; i < rgb.plane(); ++i) {
      float& value = rgb.data[c * rgb.plane() + i];
      value = alpha.data[i] > kVisible ? std::clamp(value / alpha.data[i], 0.0f, 1.0f)
                                       : below.data[c * rgb.plane() + i];
    }
  }
}

// Push-pull (Gortler et al. 1996): holes are filled from the next coarser picture, where they are
// smaller. `premultiplied` and `alpha` are consumed.
Image fill_holes(Image premultiplied, const Image& alpha) {
  const bool whole =
      std::all_of(alpha.data.begin(), alpha.data.end(), [](float a) { return a > 1.0f / 512; });
  if (whole || (alpha.width == 1 && alpha.height == 1)) {
    unpremultiply(premultiplied, alpha, premultiplied);
    return premultiplied;
  }
  const int width = (alpha.width + 1) / 2;
  const int height = (alpha.height + 1) / 2;
  const Image coarse = fill_holes(resize(premultiplied, width, height, Filter::kBilinear),
                                  resize(alpha, width, height, Filter::kBilinear));
  unpremultiply(premultiplied, alpha, resize(coarse, alpha.width, alpha.height, Filter::kBilinear));
  return premultiplied;
}

}  // namespace

bool has_alpha(const Image& image) {
  return image.channels == 4 && std::any_of(image.data.begin() + 3 * image.plane(),
                                            image.data.end(), [](float a) { return a < 1; });
}

Picture split_alpha(Image image) {
  const std::size_t plane = image.plane();
  if (!has_alpha(image)) {
    image.channels = 3;
    image.data.resize(3 * plane);
    return {std::move(image), std::nullopt};
  }
  Image alpha{1, image.height, image.width, {image.data.begin() + 3 * plane, image.data.end()}};
  image.data.resize(3 * plane);
  image.channels = 3;
  const float most = *std::max_element(alpha.data.begin(), alpha.data.end());
  if (most <= 1.0f / 512) {
    throw Error("bad-picture", "The picture is transparent everywhere.",
                "Choose one with visible pixels.");
  }
  Image filled = fill_holes(premultiply(image, alpha), alpha);
  return {std::move(filled), std::move(alpha)};
}

Picture resize(const Picture& picture, int width, int height) {
  if (picture.rgb.width == width && picture.rgb.height == height) return picture;
  Picture result;
  result.rgb = resize(picture.rgb, width, height);
  clamp_to_unit(result.rgb);
  if (picture.alpha) {
    // The colors under transparent pixels are continued from their surroundings (split_alpha),
    // which for shrinking is as good as premultiplying and leaves no division by a small alpha.
    result.alpha = resize(*picture.alpha, width, height, Filter::kBilinear);
    clamp_to_unit(*result.alpha);
  }
  return result;
}

Image opaque(Image image) {
  image.channels = 3;
  image.data.resize(image.size());
  return image;
}

Image join_alpha(Image rgb, const std::optional<Image>& alpha) {
  if (!alpha) return rgb;
  rgb.data.insert(rgb.data.end(), alpha->data.begin(), alpha->data.end());
  rgb.channels = 4;
  return rgb;
}

}  // namespace impasto
