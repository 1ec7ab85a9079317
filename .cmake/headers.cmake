# What most sources read of the libraries is read once for all of a folder's targets: that took more than half
# of the time to build everything. Sources include what they need all the same: dev.cmake, where each is compiled
# alone and without this, and clang-tidy see it where one does not.
set(ringback_library_headers
    <algorithm> <array> <chrono> <cstdint> <deque> <functional> <map> <memory> <optional> <set> <string>
    <string_view> <unordered_map> <variant> <vector> <boost/asio/io_context.hpp> <boost/asio/ip/tcp.hpp>
    <boost/asio/ssl.hpp> <boost/asio/steady_timer.hpp> <fmt/format.h> <nlohmann/json.hpp>)

# ringback_precompile(NAME HEADER...): of the targets that are there in this folder by now, but for those in
# RINGBACK_PLAIN_TARGETS.
function(ringback_precompile name)
    get_property(targets DIRECTORY PROPERTY BUILDSYSTEM_TARGETS)
    file(WRITE "${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp" "")
    add_library(${name} OBJECT "${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp")
    target_link_libraries(${name} PRIVATE ringback_options ringback_boost fmt::fmt
                          nlohmann_json::nlohmann_json)
    target_precompile_headers(${name} PRIVATE ${ringback_library_headers} ${ARGN})
    # For ccache: it does not look into GCC's such file otherwise, and Clang's is never the same twice.
    target_compile_options(${name} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>
                           "$<$<CXX_COMPILER_ID:Clang>:SHELL:-Xclang -fno-pch-timestamp>")
    foreach(target IN LISTS targets)
        get_target_property(type ${target} TYPE)
        if(type MATCHES "STATIC_LIBRARY|EXECUTABLE" AND NOT target IN_LIST RINGBACK_PLAIN_TARGETS)
            target_precompile_headers(${target} REUSE_FROM ${name})
            if(type STREQUAL "EXECUTABLE")  # Asio's headers name it
                target_link_libraries(${target} PRIVATE OpenSSL::SSL OpenSSL::Crypto)
            endif()
            # Precompiled, GCC 12 forgets that a place is inside the standard library: false alarms in <string>.
            if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
                target_compile_options(${target} PRIVATE -fpch-preprocess -Wno-error=stringop-overflow
                                       -Wno-error=stringop-overread -Wno-error=array-bounds)
            endif()
        endif()
    endforeach()
endfunction()
