// Checks of C++ by itself: each that does not hold is printed, and the program ends with 1.
#pragma once

#include <cstdio>

inline int failed_checks = 0;

#define CHECK(condition)                                                      \
  do {                                                                        \
    if (!(condition)) {                                                       \
      std::printf("%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);     \
      ++failed_checks;                                                        \
    }                                                                         \
  } while (false)
