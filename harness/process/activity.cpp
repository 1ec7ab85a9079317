#include "harness/process/activity.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <sstream>
#include <string>
#include <system_error>

#include "harness/process/proc_text.h"

namespace ringback {
namespace {

/// The letter behind the name, which may hold anything: "12 (a) b) S 1 ..."; 0: the thread is gone.
char state_in(const std::string& stat) {
    const std::size_t name_end = stat.rfind(')');
    return name_end != std::string::npos && name_end + 2 < stat.size() ? stat[name_end + 2] : '\0';
}

/// "55503511 54451803 30": nanoseconds on a processor, nanoseconds in line, turns.
std::uint64_t turns_in(const std::string& schedstat) {
    std::uint64_t turns{0};
    const std::size_t last = schedstat.rfind(' ');
    if (last != std::string::npos) {
        std::from_chars(schedstat.data() + last + 1, schedstat.data() + schedstat.size(), turns);
    }
    return turns;
}

}  // namespace

/// Between two threads that hand something to each other, one after the other may be found at rest:
/// only if neither had a turn meanwhile did they both rest.
bool Activity::goes_on(SteadyTime now) {
    if (given_up_) {
        return false;
    }
    const Look first = look();
    const Look second = first.runs ? first : look();
    if (!second.runs && second.turns == first.turns) {
        busy_for_.reset();
        return false;
    }
    // Whether it has rested while nobody looked is not known: of a long gap only a part counts.
    constexpr SteadyTime::duration most_of_a_gap = std::chrono::milliseconds{500};
    busy_for_ = busy_for_ ? *busy_for_ + std::min(now - looked_at_, most_of_a_gap)
                          : SteadyTime::duration::zero();
    looked_at_ = now;
    given_up_ = *busy_for_ > patience_;
    return !given_up_;
}

Activity::Look Activity::look() const {
    Look seen;
    std::vector<pid_t> processes{command_};
    for (std::size_t at = 0; at < processes.size(); ++at) {
        look_at(processes[at], seen, processes);
    }
    return seen;
}

void Activity::look_at(pid_t process, Look& seen, std::vector<pid_t>& started) {
    std::error_code error;
    std::filesystem::directory_iterator thread{fmt::format("/proc/{}/task", process), error};
    for (; !error && thread != std::filesystem::directory_iterator{}; thread.increment(error)) {
        const std::string folder = thread->path().string();
        const char state = state_in(proc_text(folder + "/stat"));
        seen.runs = seen.runs || state == 'R' || state == 'D';
        seen.turns += 1 + turns_in(proc_text(folder + "/schedstat"));
        std::istringstream children{proc_text(folder + "/children")};
        for (pid_t child{}; children >> child;) {
            started.push_back(child);
        }
    }
}

}  // namespace ringback
