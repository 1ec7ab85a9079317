# Thread sanitizer.
set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "")
set(RINGBACK_SANITIZE "thread" CACHE STRING "")
