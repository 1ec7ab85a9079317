# What people run and what benchmarks measure.
set(CMAKE_BUILD_TYPE Release CACHE STRING "")
include("${CMAKE_CURRENT_LIST_DIR}/unity.cmake")
