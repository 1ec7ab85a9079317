# Thread sanitizer; only what has threads is built for it (tests/CMakeLists.txt).
set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1" CACHE STRING "")
set(RINGBACK_SANITIZE "thread" CACHE STRING "")
include("${CMAKE_CURRENT_LIST_DIR}/unity.cmake")
