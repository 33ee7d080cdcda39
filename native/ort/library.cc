#include "ort/library.h"

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>

#ifdef _WIN32
#include <windows.h>
#else
#include <dlfcn.h>
#endif

#include "base/error.h"
#include "ort/heap.h"
#include "ort/status.h"

namespace impasto::ort {
namespace {

std::mutex g_log_mutex;
std::string g_device_log;

// [any thread] Nothing reaches stderr. "device lost (2)" is a device that we closed ourselves.
void log_message(void*, std::int32_t, const char*, const char*, const char*, const char* message) {
  std::string_view text = message == nullptr ? "" : message;
  bool failed = text.find("WebGPU device error(") != std::string_view::npos ||
                text.find("WebGPU device lost (1)") != std::string_view::npos;
  if (!failed) return;
  try {
    std::lock_guard lock(g_log_mutex);
    g_device_log = text;
  } catch (...) {
    // A callback from C must not throw; the status of the failing call still reports the failure.
  }
}

Error missing(const std::string& detail) {
  return Error("onnxruntime-missing", "ONNX Runtime could not be loaded.",
               "Run `npm ci` in Impasto's folder to install it again.", detail);
}

#ifdef _WIN32
#if defined(_M_ARM64) || defined(__aarch64__)
#define IMPASTO_REDISTRIBUTABLE "arm64"
#else
#define IMPASTO_REDISTRIBUTABLE "x64"
#endif

std::wstring wide(const std::string& text) {
  int length =
      MultiByteToWideChar(CP_UTF8, 0, text.data(), static_cast<int>(text.size()), nullptr, 0);
  std::wstring result(static_cast<std::size_t>(length), L'\0');
  MultiByteToWideChar(CP_UTF8, 0, text.data(), static_cast<int>(text.size()), result.data(),
                      length);
  return result;
}

void* open_symbol(const std::string& path, const char* symbol) {
  std::wstring file = wide(path);
  // onnxruntime.dll loads DirectML.dll late and by name alone: put the shipped one in first.
  std::wstring direct_ml = file.substr(0, file.find_last_of(L"\\/") + 1) + L"DirectML.dll";
  LoadLibraryExW(direct_ml.c_str(), nullptr, LOAD_WITH_ALTERED_SEARCH_PATH);
  HMODULE module = LoadLibraryExW(file.c_str(), nullptr, LOAD_WITH_ALTERED_SEARCH_PATH);
  if (module == nullptr) {
    const DWORD error = GetLastError();
    if (error == ERROR_MOD_NOT_FOUND && std::filesystem::exists(file)) {
      // The library is there, so one that it needs is not: the package does not bring MSVCP140 and
      // VCRUNTIME140.
      throw Error("onnxruntime-missing",
                  "ONNX Runtime needs Microsoft's Visual C++ Redistributable, which is missing.",
                  "Install it from https://aka.ms/vs/17/release/vc_redist." IMPASTO_REDISTRIBUTABLE
                  ".exe.",
                  path + ": error " + std::to_string(error));
    }
    throw missing(path + ": error " + std::to_string(error));
  }
  return reinterpret_cast<void*>(GetProcAddress(module, symbol));
}
#else
void* open_symbol(const std::string& path, const char* symbol) {
  void* module = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (module == nullptr) {
    const char* reason = dlerror();
    throw missing(reason == nullptr ? path : reason);
  }
  return dlsym(module, symbol);
}
#endif

// Stays open until the process ends: sessions may outlive every Node environment.
struct Library {
  std::string version;
  Api api;
  ModelEditorApi editor;
  OrtEnv* env = nullptr;
};

std::mutex g_mutex;
std::string g_path;
std::optional<Library> g_library;

// The library would start to collect what it is used for when its environment is made, before the
// call that forbids it can be made: files in the user's cache and temporary folders, threads.
void forbid_telemetry() {
#ifdef _WIN32
  _putenv_s("ORT_DISABLE_TELEMETRY", "1");
#else
  setenv("ORT_DISABLE_TELEMETRY", "1", 1);
#endif
}

Library open_library(const std::string& path) {
  if (path.empty()) throw missing("no library path was given");
  forbid_telemetry();
  let_large_blocks_go();
  using GetApiBase = const ApiBase* (*)();
  auto get_base = reinterpret_cast<GetApiBase>(open_symbol(path, "OrtGetApiBase"));
  if (get_base == nullptr) throw missing(path + ": OrtGetApiBase is not in it");
  const ApiBase* base = get_base();
  const void* table = base->GetApi(kRequiredVersion);
  std::string version = base->GetVersionString();
  if (table == nullptr) throw missing("ONNX Runtime " + version + " is older than 1.22");
  Api api(table);
  const OrtModelEditorApi* editor = api.GetModelEditorApi();
  if (editor == nullptr) throw missing("ONNX Runtime " + version + " has no model editor");
  return Library{version, api, ModelEditorApi(editor), nullptr};
}

Library& library() {
  std::lock_guard lock(g_mutex);
  if (!g_library) {
    Library opened = open_library(g_path);
    g_library.emplace(std::move(opened));
  }
  return *g_library;
}

}  // namespace

void set_library_path(const std::string& path) {
  std::lock_guard lock(g_mutex);
  g_path = path;
}

const Api& api() {
  static const Api& loaded = library().api;
  return loaded;
}

const ModelEditorApi& model_editor() { return library().editor; }

std::string version() { return library().version; }

OrtEnv* environment() {
  Library& opened = library();
  std::lock_guard lock(g_mutex);
  if (opened.env == nullptr) {
    // INFO, because a lost device is logged at that level; sessions log warnings only.
    check(opened.api,
          opened.api.CreateEnvWithCustomLogger(log_message, nullptr, kLogInfo, "impasto",
                                               &opened.env),
          Stage::kCreate);
    check(opened.api, opened.api.DisableTelemetryEvents(opened.env), Stage::kCreate);
  }
  return opened.env;
}

std::string take_device_log() {
  std::lock_guard lock(g_log_mutex);
  return std::exchange(g_device_log, {});
}

}  // namespace impasto::ort
