# Address and undefined-behaviour sanitizers.
set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "")
set(RINGBACK_SANITIZE "address,undefined" CACHE STRING "")
