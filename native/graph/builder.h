// Builds an ONNX graph (opset 17) node by node over ONNX Runtime's model editor. Tensors are named
// by strings; all are float32 with fixed shapes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "ort/handles.h"

namespace impasto {

using Shape = std::vector<std::int64_t>;

struct NodeAttribute {
  const char* name;
  std::variant<std::int64_t, float, std::vector<std::int64_t>, std::string> value;
};

class GraphBuilder {
 public:
  GraphBuilder();

  // A tensor that is given at each run.
  std::string input(const std::string& name, const Shape& shape);

  // A constant that is copied into the graph.
  std::string constant(std::span<const float> values, const Shape& shape);
  std::string constant(std::span<const std::int64_t> values);

  // A constant that stays where it is: `values` must outlive the session. Tensors below the size
  // that ONNX Runtime accepts from outside are copied.
  std::string shared_constant(std::span<const float> values, const Shape& shape);

  // A node with one result. `result` names it; empty: a name is made.
  std::string node(const char* op, const std::vector<std::string>& inputs,
                   const std::vector<NodeAttribute>& attributes = {}, std::string result = {});

  // The same with `count` results.
  std::vector<std::string> nodes(const char* op, const std::vector<std::string>& inputs,
                                 std::size_t count,
                                 const std::vector<NodeAttribute>& attributes = {});

  // Declares a node's result as an output of the graph.
  void output(const std::string& name, const Shape& shape);

  // The finished model; the builder is empty afterwards.
  ort::Model build();

 private:
  std::string add_initializer(const void* data, std::size_t bytes, const Shape& shape,
                              std::int32_t type, bool shared);
  std::string fresh_name(std::string_view stem);
  void add_node(const char* op, const std::vector<std::string>& inputs,
                const std::vector<std::string>& results,
                const std::vector<NodeAttribute>& attributes);

  ort::Graph graph_;
  std::vector<ort::ValueInfo> inputs_;
  std::vector<ort::ValueInfo> outputs_;
  int names_ = 0;
};

}  // namespace impasto
