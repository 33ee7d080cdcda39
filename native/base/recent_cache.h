// What was computed of late, by key; the least recently used goes first when there are many.
#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <utility>

namespace impasto {

template <typename Value>
class RecentCache {
 public:
  explicit RecentCache(std::size_t capacity) : capacity_(capacity) {}

  // [any thread] The value under `key`, or what `compute` returns, which is then kept.
  Value get(const std::string& key, const std::function<Value()>& compute) {
    {
      const std::lock_guard lock(mutex_);
      for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
        if (entry->first != key) continue;
        entries_.splice(entries_.begin(), entries_, entry);
        return entry->second;
      }
    }
    Value value = compute();
    const std::lock_guard lock(mutex_);
    entries_.emplace_front(key, value);
    if (entries_.size() > capacity_) entries_.pop_back();
    return value;
  }

 private:
  std::size_t capacity_;
  std::mutex mutex_;
  std::list<std::pair<std::string, Value>> entries_;  // newest first
};

}  // namespace impasto
