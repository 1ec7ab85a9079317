# Day-to-day work: cmake -S . -B build/dev -C .cmake/dev.cmake
set(CMAKE_BUILD_TYPE Debug CACHE STRING "")
