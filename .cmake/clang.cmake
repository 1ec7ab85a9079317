# The sanitizers' builds. Clang takes three fifths of GCC's time over them, and is a second opinion on every source.
# Lines for their reports, and no more optimising than they need: the tests hardly notice.
set(CMAKE_C_COMPILER clang CACHE STRING "")
set(CMAKE_CXX_COMPILER clang++ CACHE STRING "")
set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1" CACHE STRING "")
include("${CMAKE_CURRENT_LIST_DIR}/unity.cmake")
