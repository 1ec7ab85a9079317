#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>

#include "simulator/core/result.h"
#include "simulator/edge/settings.h"
#include "simulator/edge/tls_client.h"

namespace ringback {

/// A thread that reads certificates did not end when it should: it may be in OpenSSL still.
[[nodiscard]] bool is_tls_being_read_unattended() noexcept;

/// TlsClient::from() beside a loop: the system's certificates take some 20 ms to read, in which the
/// loop would send nothing.
class TlsReading {
public:
    using Then = std::function<void(Result<std::unique_ptr<TlsClient>>)>;

    explicit TlsReading(boost::asio::io_context& loop) : loop_{loop} {}
    TlsReading(const TlsReading&) = delete;
    TlsReading& operator=(const TlsReading&) = delete;
    TlsReading(TlsReading&&) = delete;
    TlsReading& operator=(TlsReading&&) = delete;
    /// Waits for the thread, as OpenSSL must not be cleaned up below it; for 200 ms at most.
    ~TlsReading();

    /// Calls `then` once, from a later turn of the loop, which does not run out of work before; not
    /// after this object's end. One at a time. False where no thread can be had: `then` is dropped.
    [[nodiscard]] bool start(const DeliverySettings& settings, Then then);
    [[nodiscard]] bool under_way() const { return desk_ != nullptr; }

private:
    struct Desk;
    struct Work;
    void tell();

    boost::asio::io_context& loop_;
    std::shared_ptr<Desk> desk_;  // null: nothing is read
};

}  // namespace ringback
