#include "addon/turn.h"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>

namespace impasto {
namespace {

struct Line {
  std::mutex mutex;
  std::condition_variable moved;
  std::deque<std::uint64_t> waiting;  // first in, first served
  std::uint64_t next_ticket = 0;
  bool busy = false;
};

// Never destroyed: a thread may still wait while the process exits.
Line& line() {
  static Line& instance = *new Line;
  return instance;
}

}  // namespace

Turn::Turn(const std::function<bool()>& given_up) {
  Line& l = line();
  std::unique_lock lock(l.mutex);
  const std::uint64_t ticket = l.next_ticket++;
  l.waiting.push_back(ticket);
  l.moved.wait(lock, [&] { return given_up() || (!l.busy && l.waiting.front() == ticket); });
  held_ = !given_up() && !l.busy && l.waiting.front() == ticket;
  std::erase(l.waiting, ticket);
  if (held_) l.busy = true;
  l.moved.notify_all();
}

Turn::~Turn() {
  if (!held_) return;
  Line& l = line();
  const std::lock_guard lock(l.mutex);
  l.busy = false;
  l.moved.notify_all();
}

void Turn::wake_waiting() {
  Line& l = line();
  const std::lock_guard lock(l.mutex);
  l.moved.notify_all();
}

}  // namespace impasto
