#include "machine/sgemm_rate.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "graph/builder.h"
#include "ort/session.h"

namespace impasto {

double sgemm_rate(int size, int threads, int repeats) {
  const Shape shape = {size, size};
  GraphBuilder graph;
  graph.node("MatMul", {graph.input("a", shape), graph.input("b", shape)}, {}, "product");
  graph.output("product", shape);
  const std::size_t count = static_cast<std::size_t>(size) * static_cast<std::size_t>(size);
  std::vector<float> a(count, 0.5f);
  std::vector<float> b(count, 0.25f);
  std::vector<float> product(count);
  ort::Session session(graph.build(), {DeviceKind::kCpu, threads});
  session.bind_input("a", a, shape);
  session.bind_input("b", b, shape);
  session.bind_output("product", product, shape);
  session.run();
  double fastest = 1e9;
  for (int i = 0; i < repeats; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    session.run();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    fastest = std::min(fastest, took.count());
  }
  return 2.0 * size * size * size / fastest * 1e-9;
}

}  // namespace impasto
