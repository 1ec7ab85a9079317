# Address and undefined-behaviour sanitizers. Lines for their reports, and no more optimising than
# they need: half the time to build, and the tests hardly notice.
set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1" CACHE STRING "")
set(RINGBACK_SANITIZE "address,undefined" CACHE STRING "")
include("${CMAKE_CURRENT_LIST_DIR}/unity.cmake")
