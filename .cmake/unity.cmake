# Eight sources a compiler's run: what takes time is reading the libraries' headers, once for each run.
# For whoever builds everything; day-to-day work (dev.cmake) compiles a changed file alone.
set(CMAKE_UNITY_BUILD ON CACHE BOOL "")
set(CMAKE_UNITY_BUILD_BATCH_SIZE 8 CACHE STRING "")
set(RINGBACK_PRECOMPILE ON CACHE BOOL "")
