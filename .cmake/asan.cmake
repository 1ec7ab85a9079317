# Address and undefined-behaviour sanitizers; tests/fuzz/run fuzzes the same libraries.
set(RINGBACK_SANITIZE "address,undefined" CACHE STRING "")
set(RINGBACK_FUZZ ON CACHE BOOL "")
include("${CMAKE_CURRENT_LIST_DIR}/clang.cmake")
