// Fine-tunes the detailer on one or several styles and the frames that they will be applied to:
// what it paints afterwards comes nearer to them, at the same cost.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "learn/own.h"
#include "optimize/engine.h"

namespace impasto {

struct LearnRequest {
  std::vector<Image> styles;  // [3 or 4, H, W] each; one or more, of one detailer
  std::vector<Image> frames;  // [3 or 4, H, W] each; one or more
  Settings settings;          // of the drafts, as for a quick picture
  double seconds = 0;         // to learn for, drafts left out
  int pieces = 0;             // of frames, to learn each style from; one or more
  int draft_side = 0;         // px, a multiple of 16; lessons are of twice and four times that
  Own own = Own::kFilters;    // what each style has of its own
  int bank = 0;               // for Own::kBank: which convolution, in the order in which they run
  bool frozen = false;        // what the styles share stays as it is
  std::string network_path;   // the encoder
  std::string critic_path;    // a second network that says how far pictures are from the style
  std::string detailer_path;  // from which learning starts
  std::vector<std::uint8_t> checkpoint;  // empty: from the start
};

// What was learned: the picture of a result is the first piece of a frame as it is painted then.
struct Learned {
  Result result;
  std::vector<float> filters;  // all tensors of the detailer, one after the other, as its file has
                               // them: by level from the deepest, weight and bias of each
                               // convolution, then those of `out`; what styles share
  // Of each style, as OwnPlan has it; a bank as weight and bias in the order of the file.
  std::vector<std::vector<float>> own;
  double gap_before = 0;  // style gap left on the pieces, as the second critic sees it
  double gap_after = 0;
};

// Throws Error; "cancelled" when the host says so. A stopped host gets what was learned so far.
Learned learn(const LearnRequest& request, Host& host);

}  // namespace impasto
