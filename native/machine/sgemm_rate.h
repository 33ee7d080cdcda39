// How fast this machine multiplies matrices: the yardstick of `npm run bench`.
#pragma once

namespace impasto {

// [worker] GFLOP/s of one ONNX Runtime MatMul of two size × size matrices, the best of `repeats`.
double sgemm_rate(int size, int threads, int repeats);

}  // namespace impasto
