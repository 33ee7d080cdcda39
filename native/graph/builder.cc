#include "graph/builder.h"

#include <cstring>

#include "ort/status.h"

namespace impasto {
namespace {

using ort::api;
using ort::check;
using ort::model_editor;
using ort::Stage;

constexpr int kOpset = 17;                    // DirectML's ceiling
constexpr std::size_t kMinSharedBytes = 128;  // below, ONNX Runtime wants a tensor of its own

ort::ValueInfo value_info(const std::string& name, const Shape& shape) {
  OrtTensorTypeAndShapeInfo* tensor = nullptr;
  check(api().CreateTensorTypeAndShapeInfo(&tensor), Stage::kCreate);
  ort::TensorInfo tensor_owner(tensor);
  check(api().SetTensorElementType(tensor, ort::kFloat), Stage::kCreate);
  check(api().SetDimensions(tensor, shape.data(), shape.size()), Stage::kCreate);
  OrtTypeInfo* type = nullptr;
  check(model_editor().CreateTensorTypeInfo(tensor, &type), Stage::kCreate);
  ort::TypeInfo type_owner(type);
  OrtValueInfo* info = nullptr;
  check(model_editor().CreateValueInfo(name.c_str(), type, &info), Stage::kCreate);
  return ort::ValueInfo(info);
}

OrtOpAttr* create_attribute(const NodeAttribute& attribute) {
  const void* data = nullptr;
  std::size_t length = 1;
  std::int32_t type = 0;
  if (const auto* number = std::get_if<std::int64_t>(&attribute.value)) {
    data = number;
    type = ort::kAttributeInt;
  } else if (const auto* real = std::get_if<float>(&attribute.value)) {
    data = real;
    type = ort::kAttributeFloat;
  } else if (const auto* list = std::get_if<std::vector<std::int64_t>>(&attribute.value)) {
    data = list->data();
    length = list->size();
    type = ort::kAttributeInts;
  } else {
    const auto& text = std::get<std::string>(attribute.value);
    data = text.c_str();
    length = text.size();
    type = ort::kAttributeString;
  }
  OrtOpAttr* result = nullptr;
  check(api().CreateOpAttr(attribute.name, data, static_cast<std::int32_t>(length), type, &result),
        Stage::kCreate);
  return result;
}

std::vector<const char*> pointers(const std::vector<std::string>& names) {
  std::vector<const char*> result;
  for (const std::string& name : names) result.push_back(name.c_str());
  return result;
}

// Hands the handles' objects to a call that takes them over when it succeeds.
template <class Call>
void hand_over(std::vector<ort::ValueInfo>& handles, Call call) {
  std::vector<OrtValueInfo*> raw;
  for (const auto& handle : handles) raw.push_back(handle.get());
  check(call(raw.data(), raw.size()), Stage::kCreate);
  for (auto& handle : handles) static_cast<void>(handle.release());
  handles.clear();
}

}  // namespace

GraphBuilder::GraphBuilder() {
  OrtGraph* graph = nullptr;
  check(model_editor().CreateGraph(&graph), Stage::kCreate);
  graph_.reset(graph);
}

std::string GraphBuilder::fresh_name(std::string_view stem) {
  return std::string(stem) + "_" + std::to_string(names_++);
}

std::string GraphBuilder::input(const std::string& name, const Shape& shape) {
  inputs_.push_back(value_info(name, shape));
  return name;
}

std::string GraphBuilder::add_initializer(const void* data, std::size_t bytes, const Shape& shape,
                                          std::int32_t type, bool shared) {
  OrtValue* value = nullptr;
  if (shared) {
    OrtMemoryInfo* memory = nullptr;
    check(api().CreateCpuMemoryInfo(ort::kDeviceAllocator, ort::kMemoryDefault, &memory),
          Stage::kCreate);
    ort::MemoryInfo memory_owner(memory);
    // The interface has no const; initializers are only read.
    check(api().CreateTensorWithDataAsOrtValue(memory, const_cast<void*>(data), bytes, shape.data(),
                                               shape.size(), type, &value),
          Stage::kCreate);
  } else {
    OrtAllocator* allocator = nullptr;
    check(api().GetAllocatorWithDefaultOptions(&allocator), Stage::kCreate);
    check(api().CreateTensorAsOrtValue(allocator, shape.data(), shape.size(), type, &value),
          Stage::kCreate);
  }
  ort::Value owner(value);
  if (!shared) {
    void* target = nullptr;
    check(api().GetTensorMutableData(value, &target), Stage::kCreate);
    std::memcpy(target, data, bytes);
  }
  std::string name = fresh_name("constant");
  check(model_editor().AddInitializerToGraph(graph_.get(), name.c_str(), value, shared),
        Stage::kCreate);
  static_cast<void>(owner.release());
  return name;
}

std::string GraphBuilder::constant(std::span<const float> values, const Shape& shape) {
  return add_initializer(values.data(), values.size_bytes(), shape, ort::kFloat, false);
}

std::string GraphBuilder::constant(std::span<const std::int64_t> values) {
  return add_initializer(values.data(), values.size_bytes(),
                         {static_cast<std::int64_t>(values.size())}, ort::kInt64, false);
}

std::string GraphBuilder::shared_constant(std::span<const float> values, const Shape& shape) {
  const bool shared = values.size_bytes() >= kMinSharedBytes;
  return add_initializer(values.data(), values.size_bytes(), shape, ort::kFloat, shared);
}

std::string GraphBuilder::node(const char* op, const std::vector<std::string>& inputs,
                               const std::vector<NodeAttribute>& attributes, std::string result) {
  if (result.empty()) result = fresh_name(op);
  add_node(op, inputs, {result}, attributes);
  return result;
}

std::vector<std::string> GraphBuilder::nodes(const char* op, const std::vector<std::string>& inputs,
                                             std::size_t count,
                                             const std::vector<NodeAttribute>& attributes) {
  std::vector<std::string> results;
  for (std::size_t i = 0; i < count; ++i) results.push_back(fresh_name(op));
  add_node(op, inputs, results, attributes);
  return results;
}

void GraphBuilder::add_node(const char* op, const std::vector<std::string>& inputs,
                            const std::vector<std::string>& results,
                            const std::vector<NodeAttribute>& attributes) {
  std::vector<ort::Attribute> owners;
  for (const NodeAttribute& attribute : attributes)
    owners.emplace_back(create_attribute(attribute));
  std::vector<OrtOpAttr*> raw;
  for (auto& owner : owners) raw.push_back(owner.release());
  const std::vector<const char*> input_names = pointers(inputs);
  const std::vector<const char*> output_names = pointers(results);
  OrtNode* created = nullptr;
  OrtStatus* status = model_editor().CreateNode(
      op, "", results.front().c_str(), input_names.data(), input_names.size(), output_names.data(),
      output_names.size(), raw.data(), raw.size(), &created);
  // CreateNode takes the attributes over and clears their slots; what is left is ours again.
  for (std::size_t i = 0; i < raw.size(); ++i) owners[i].reset(raw[i]);
  check(status, Stage::kCreate);
  ort::Node owner(created);
  check(model_editor().AddNodeToGraph(graph_.get(), created), Stage::kCreate);
  static_cast<void>(owner.release());
}

void GraphBuilder::output(const std::string& name, const Shape& shape) {
  outputs_.push_back(value_info(name, shape));
}

ort::Model GraphBuilder::build() {
  hand_over(inputs_, [&](OrtValueInfo** infos, std::size_t count) {
    return model_editor().SetGraphInputs(graph_.get(), infos, count);
  });
  hand_over(outputs_, [&](OrtValueInfo** infos, std::size_t count) {
    return model_editor().SetGraphOutputs(graph_.get(), infos, count);
  });
  const char* domain = "";
  const std::int32_t version = kOpset;
  OrtModel* model = nullptr;
  check(model_editor().CreateModel(&domain, &version, 1, &model), Stage::kCreate);
  ort::Model owner(model);
  check(model_editor().AddGraphToModel(model, graph_.get()), Stage::kCreate);
  static_cast<void>(graph_.release());
  return owner;
}

}  // namespace impasto
