// Files that are read once for all who hold their contents at the same time, as long as the file
// stays as it is.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/path.h"

namespace impasto {

// Path, size and time of change; empty when the file cannot be looked at.
inline std::string file_identity(const std::string& path) {
  const std::filesystem::path file = path_of(path);
  std::error_code error;
  const auto changed = std::filesystem::last_write_time(file, error);
  const auto size = error ? 0 : std::filesystem::file_size(file, error);
  if (error) return {};
  // A cast, as some clocks count in integers that std::to_string does not know.
  const auto time =
      std::chrono::duration_cast<std::chrono::nanoseconds>(changed.time_since_epoch()).count();
  return path + "|" + std::to_string(size) + "|" + std::to_string(static_cast<long long>(time));
}

template <class Contents>
class FileCache {
 public:
  // `read` gets path and identity; the identity is empty when only reading can say what is wrong.
  template <class Read>
  std::shared_ptr<const Contents> load(const std::string& path, Read read) {
    const std::string identity = file_identity(path);
    if (identity.empty()) return read(path, identity);
    const std::lock_guard lock(mutex_);
    std::erase_if(held_, [](const auto& entry) { return entry.second.expired(); });
    if (const auto found = held_.find(identity); found != held_.end()) {
      if (auto contents = found->second.lock()) return contents;
    }
    std::shared_ptr<const Contents> contents = read(path, identity);
    held_[identity] = contents;
    return contents;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::weak_ptr<const Contents>> held_;
};

}  // namespace impasto
