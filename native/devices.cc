#include "devices.h"

namespace impasto {

std::vector<DeviceStatus> list_devices(bool) { return {{DeviceKind::kCpu, "CPU", true, ""}}; }

DeviceChoice choose_device(DeviceKind wanted) {
  if (wanted != DeviceKind::kAuto) return {wanted, "", ""};
  return {DeviceKind::kCpu, "CPU", ""};
}

}  // namespace impasto
