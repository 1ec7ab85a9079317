# Thread sanitizer; only what has threads is built for it (tests/CMakeLists.txt).
set(RINGBACK_SANITIZE "thread" CACHE STRING "")
include("${CMAKE_CURRENT_LIST_DIR}/clang.cmake")
