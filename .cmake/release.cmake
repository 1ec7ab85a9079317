# What people run and what benchmarks measure.
set(CMAKE_BUILD_TYPE Release CACHE STRING "")
