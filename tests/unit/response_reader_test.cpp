// What is taken of a receiver's answer: the same, in however many pieces it comes.
#include "simulator/edge/response_reader.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <ostream>
#include <string>
#include <string_view>

namespace ringback {
namespace {

using Progress = ResponseReader::Progress;

struct Read {
    Progress progress{};
    bool head_done{false};
    int status{0};  // none before the head is done
    std::string body{};
    std::string problem{};

    friend bool operator==(const Read&, const Read&) = default;
    friend std::ostream& operator<<(std::ostream& out, const Read& read) {
        return out << static_cast<int>(read.progress) << ' ' << read.head_done << ' ' << read.status
                   << " \"" << read.body << "\" " << read.problem;
    }
};

/// Offers the first `first` bytes, then `step` more at a time.
Read read_in_pieces(std::string_view bytes, std::size_t first, std::size_t step) {
    AttemptResult result;
    ResponseReader reader;
    reader.begin(result, true);
    std::size_t used = 0;
    for (std::size_t offered = first; reader.progress() == Progress::more; offered += step) {
        offered = std::min(offered, bytes.size());
        used += reader.take(bytes.substr(used, offered - used));
        if (offered == bytes.size()) {
            break;
        }
    }
    reader.keep();
    return {reader.progress(), reader.head_done(), reader.head_done() ? result.status : 0,
            std::string{result.body.view()}, reader.problem()};
}

Read read_whole(std::string_view bytes) { return read_in_pieces(bytes, bytes.size(), 1); }

void is_read_alike(std::string_view bytes, const Read& expected) {
    CHECK(read_whole(bytes) == expected);
    CHECK(read_in_pieces(bytes, 1, 1) == expected);
    for (const std::size_t step : {2U, 3U, 7U, 100U, 5000U}) {
        CAPTURE(step);
        CHECK(read_in_pieces(bytes, step, step) == expected);
    }
    CHECK(read_in_pieces(bytes, bytes.size() - 1, 1) == expected);
}

/// A status line, one header, the empty line: `size` bytes.
std::string head_of(std::size_t size, std::string_view status_line = "HTTP/1.1 200 OK\r\n") {
    constexpr std::string_view name = "x: ";
    constexpr std::string_view end = "\r\n\r\n";
    return std::string{status_line} + std::string{name} +
           std::string(size - status_line.size() - name.size() - end.size(), 'v') +
           std::string{end};
}

const std::string too_long = "the head of the answer is longer than 16 kB";
const std::string early_hints = "HTTP/1.1 103 Early Hints\r\n";

TEST_CASE("response reader: a body in chunks", "[transport]") {
    is_read_alike(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n",
        {Progress::complete, true, 200, "abcde"});
}

TEST_CASE("response reader: interim answers, then the answer", "[transport]") {
    is_read_alike("HTTP/1.1 100 Continue\r\n\r\n" + early_hints +
                      "link: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
                  {Progress::complete, true, 200, "hi"});
}

TEST_CASE("response reader: a head has 16 kB, status line included", "[transport]") {
    is_read_alike(head_of(ResponseLimits::head) + "body", {Progress::more, true, 200, "body"});
    is_read_alike(head_of(ResponseLimits::head + 1) + "body",
                  {Progress::malformed, false, 0, "", too_long});
}

TEST_CASE("response reader: interim answers count to the head's 16 kB", "[transport]") {
    constexpr std::size_t half = ResponseLimits::head / 2;
    is_read_alike(head_of(half, early_hints) + head_of(half) + "body",
                  {Progress::more, true, 200, "body"});
    is_read_alike(head_of(half, early_hints) + head_of(half + 1) + "body",
                  {Progress::malformed, false, 0, "", too_long});
}

TEST_CASE("response reader: a head without an end is told before it fills the memory",
          "[transport]") {
    const std::string endless = "HTTP/1.1 200 OK\r\nx: " + std::string(ResponseLimits::head, 'v');
    is_read_alike(endless, {Progress::malformed, false, 0, "", too_long});
}

TEST_CASE("response reader: a malformed body behind a head ends the answer, not its status",
          "[transport]") {
    is_read_alike("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot a chunk\r\n\r\n",
                  {Progress::complete, true, 200});
}

TEST_CASE("response reader: answers that have no body end with their head", "[transport]") {
    for (const std::string status : {"204 No Content", "304 Not Modified"}) {
        const std::string head = "HTTP/1.1 " + status + "\r\nContent-Length: 5\r\n\r\n";
        is_read_alike(head, {Progress::complete, true, std::stoi(status)});
    }
    is_read_alike("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", {Progress::complete, true, 200});
    is_read_alike("HTTP/1.1 101 Switching Protocols\r\n\r\n", {Progress::complete, true, 101});
}

TEST_CASE("response reader: Retry-After is a number of seconds, and else nothing", "[transport]") {
    const auto asked_in = [](const std::string& value) {
        AttemptResult result;
        ResponseReader reader;
        reader.begin(result, true);
        const std::string answer =
            "HTTP/1.1 103 Early Hints\r\nretry-after: 7\r\n\r\nHTTP/1.1 503 No\r\n" + value +
            "Content-Length: 0\r\n\r\n";
        CHECK(reader.take(answer) == answer.size());
        return result.retry_after_s;
    };

    CHECK(asked_in("Retry-After: 5\r\n") == 5);
    CHECK(asked_in("retry-after: 999999999\r\n") == 999'999'999);
    for (const std::string nothing : {"0", "-5", "+5", "5.5", "5 s", "", "1000000000",
                                      "999999999999999999999", "Sun, 29 Nov 2026 02:00:00 GMT"}) {
        CAPTURE(nothing);
        CHECK(asked_in("Retry-After: " + nothing + "\r\n") == 0);
    }
    CHECK(asked_in("") == 0);
}

TEST_CASE("response reader: what stands behind an answer is left", "[transport]") {
    AttemptResult result;
    ResponseReader reader;
    reader.begin(result, true);
    const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

    CHECK(reader.take(answer + "HTTP/1.1 500 No\r\n\r\n") == answer.size());
    CHECK(reader.progress() == Progress::complete);
    CHECK(reader.reusable());
    CHECK(result.status == 200);
}

TEST_CASE("response reader: of headers whole ones are kept, up to 8 kB", "[transport]") {
    const auto kept_of = [](std::size_t value_size) {
        AttemptResult result;
        ResponseReader reader;
        reader.begin(result, true);
        const std::string answer =
            "HTTP/1.1 200 OK\r\nx: " + std::string(value_size, 'v') + "\r\ny: z\r\n\r\n";
        CHECK(reader.take(answer) == answer.size());
        reader.keep();
        return std::string{result.headers.view()};
    };
    constexpr std::size_t fits = ResponseLimits::headers_kept - 3;  // the name, two line ends

    CHECK(kept_of(fits) == "x\n" + std::string(fits, 'v') + "\n");
    CHECK(kept_of(fits - 4) == "x\n" + std::string(fits - 4, 'v') + "\ny\nz\n");
    CHECK(kept_of(fits + 1) == "y\nz\n");
}

}  // namespace
}  // namespace ringback
