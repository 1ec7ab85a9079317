# Installs a build into a prefix of its own, then builds and runs this project against that, from
# nothing. cmake -D BUILD=<build tree> -D WORK=<folder that may be emptied> -D CONFIG=... -P check.cmake
foreach(name BUILD WORK CONFIG GENERATOR COMPILER)
    if(NOT DEFINED ${name})
        message(FATAL_ERROR "expected -D ${name}=...")
    endif()
endforeach()

function(must)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(NOT status EQUAL 0)
        message(FATAL_ERROR "${output}\nfailed with ${status}: ${ARGN}")
    endif()
endfunction()

file(REMOVE_RECURSE "${WORK}")
must(${CMAKE_COMMAND} --install "${BUILD}" --config "${CONFIG}" --component testing
     --prefix "${WORK}/prefix")
# Nothing of the source tree may be needed: only what is installed.
must(${CMAKE_COMMAND} -S "${CMAKE_CURRENT_LIST_DIR}" -B "${WORK}/build" -G "${GENERATOR}"
     "-DCMAKE_PREFIX_PATH=${WORK}/prefix" "-DCMAKE_CXX_COMPILER=${COMPILER}"
     "-DCMAKE_BUILD_TYPE=${CONFIG}")
must(${CMAKE_COMMAND} --build "${WORK}/build")
must(${CMAKE_CTEST_COMMAND} --test-dir "${WORK}/build" --output-on-failure --timeout 60)
file(REMOVE_RECURSE "${WORK}")
