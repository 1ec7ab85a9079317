# libFuzzer with the address and undefined-behaviour sanitizers, by clang. tests/fuzz/run uses it.
set(CMAKE_C_COMPILER clang CACHE STRING "")
set(CMAKE_CXX_COMPILER clang++ CACHE STRING "")
set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1 -fsanitize=fuzzer-no-link" CACHE STRING "")
set(RINGBACK_SANITIZE "address,undefined" CACHE STRING "")
set(RINGBACK_FUZZ ON CACHE BOOL "")
include("${CMAKE_CURRENT_LIST_DIR}/unity.cmake")
