# ringback_options: what every target of ours is compiled with. Foreign code never links it.
add_library(ringback_options INTERFACE)
target_include_directories(ringback_options INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_options(ringback_options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast -Wnon-virtual-dtor
    -Woverloaded-virtual -Werror -fstack-protector-strong)
target_compile_definitions(ringback_options INTERFACE _GLIBCXX_ASSERTIONS)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # GCC bug 105651: false alarms inside std::string when optimising.
    target_compile_options(ringback_options INTERFACE -Wno-restrict)
endif()

# One definition everywhere, so that what is precompiled fits targets with and without fmt.
get_target_property(ringback_fmt_definitions fmt::fmt INTERFACE_COMPILE_DEFINITIONS)
if(ringback_fmt_definitions)
    target_compile_definitions(ringback_options INTERFACE ${ringback_fmt_definitions})
endif()

# ringback_inlined_as_if_alone(TARGET...): a compiler that sees eight sources at once inlines less of each, as if they
# were one large one: 3 % more instructions a callback. So it takes none for large.
function(ringback_inlined_as_if_alone)
    if(CMAKE_BUILD_TYPE STREQUAL "Release" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        foreach(target IN LISTS ARGN)
            target_compile_options(${target} PRIVATE --param=large-unit-insns=1000000)
        endforeach()
    endif()
endfunction()

if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Takes every source for a header; there it would be a mistake.
    target_compile_options(ringback_options INTERFACE -Wno-subobject-linkage)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT RINGBACK_SANITIZE)
    target_compile_definitions(ringback_options INTERFACE _FORTIFY_SOURCE=2)
endif()

if(RINGBACK_SANITIZE)
    # For every target, the libraries' headers included, so that no object is half instrumented.
    add_compile_options(-fsanitize=${RINGBACK_SANITIZE} -fno-omit-frame-pointer
                        -fno-sanitize-recover=all)
    if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
        # Of functions in sections of their own Clang 14 makes what its assembler refuses.
        add_compile_options(-fno-sanitize=function)
    endif()
    if(RINGBACK_FUZZ)
        add_compile_options(-fsanitize=fuzzer-no-link)
    endif()
    add_link_options(-fsanitize=${RINGBACK_SANITIZE} -fuse-ld=gold)  # half of the time to link
    # GCC 12 with sanitizers reports uninitialised variables inside library headers (<regex>, <variant>).
    target_compile_options(ringback_options INTERFACE
                           $<$<CXX_COMPILER_ID:GNU>:-Wno-error=maybe-uninitialized>)
    if(RINGBACK_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        # GCC cannot instrument the fences in Asio; the warning says so for every file.
        target_compile_options(ringback_options INTERFACE -Wno-error=tsan)
    endif()
endif()
