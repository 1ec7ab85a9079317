#include "harness/process/listeners.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <sstream>
#include <system_error>

#include "harness/process/proc_text.h"

namespace ringback {
namespace {

namespace fs = std::filesystem;

bool is_on_this_machine(const ReceiverAddress& address) {
    return std::ranges::any_of(address.hosts, [](const std::string& host) {
        return host.starts_with("127.") || host == "::1";
    });
}

/// "sl local_address rem_address st ... inode": what a descriptor of a listening socket links to.
void add_sockets(const std::string& table, std::uint16_t port, std::set<std::string>& found) {
    constexpr std::string_view listening{"0A"};
    constexpr std::size_t words_up_to_inode{10};
    const std::string end_of_local = fmt::format(":{:04X}", port);
    std::istringstream lines{table};
    for (std::string line; std::getline(lines, line);) {
        std::istringstream in{line};
        std::array<std::string, words_up_to_inode> words;
        for (std::string& word : words) {
            in >> word;
        }
        if (words[1].ends_with(end_of_local) && words[3] == listening) {
            found.insert(fmt::format("socket:[{}]", words[9]));
        }
    }
}

std::optional<pid_t> number_in(const std::string& name) {
    pid_t number{};
    const char* const end = name.data() + name.size();
    const auto read = std::from_chars(name.data(), end, number);
    return read.ec == std::errc{} && read.ptr == end ? std::optional{number} : std::nullopt;
}

/// One that ends meanwhile has none, nor has one whose descriptors are not ours to see.
bool has_one_of(const std::set<std::string>& sockets, pid_t process) {
    std::error_code error;
    fs::directory_iterator each{fmt::format("/proc/{}/fd", process), error};
    for (; !error && each != fs::directory_iterator{}; each.increment(error)) {
        std::error_code closed;
        if (sockets.contains(fs::read_symlink(each->path(), closed).string())) {
            return true;
        }
    }
    return false;
}

/// The 22nd word of its stat; the name, the second, may hold anything.
std::string birth_of(pid_t process) {
    const std::string stat = proc_text(fmt::format("/proc/{}/stat", process));
    const std::size_t name_end = stat.rfind(')');
    std::istringstream in{name_end == std::string::npos ? "" : stat.substr(name_end + 1)};
    std::string word;
    for (int at = 3; at <= 22; ++at) {
        in >> word;
    }
    return word;
}

}  // namespace

std::vector<ListeningProcess> listeners_at(const ReceiverAddress& address) {
    std::set<std::string> sockets;
    if (is_on_this_machine(address)) {
        add_sockets(proc_text("/proc/net/tcp"), address.port, sockets);
        add_sockets(proc_text("/proc/net/tcp6"), address.port, sockets);
    }
    std::vector<ListeningProcess> found;
    std::error_code error;
    fs::directory_iterator each{"/proc", error};
    for (; !sockets.empty() && !error && each != fs::directory_iterator{}; each.increment(error)) {
        const auto process = number_in(each->path().filename().string());
        if (process && has_one_of(sockets, *process)) {
            found.push_back({*process, birth_of(*process)});
        }
    }
    std::ranges::sort(found);
    return found;
}

}  // namespace ringback
