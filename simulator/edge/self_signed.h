#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "simulator/core/result.h"

namespace ringback {

/// A certificate that ringback has made for itself and its key, as files; the folder goes with this
/// where it is a temporary one.
class SelfSigned {
public:
    SelfSigned(SelfSigned&& other) noexcept;
    SelfSigned& operator=(SelfSigned&& other) noexcept;
    ~SelfSigned();

    /// In a temporary folder of its own, only for this user, until the end.
    [[nodiscard]] static Result<SelfSigned> temporary(const std::vector<std::string>& hosts);
    /// In `folder`, which is made when it is missing. What is there is used again as long as it
    /// fits its key, is good for another day and holds for all of `hosts`; else it is made anew,
    /// but never over what ringback has not made. Errors: where: the folder or the file.
    [[nodiscard]] static Result<SelfSigned> kept(const std::filesystem::path& folder,
                                                 const std::vector<std::string>& hosts);

    /// PEM; what a client has to trust.
    [[nodiscard]] std::string certificate_file() const { return folder_ / "certificate.pem"; }
    /// PEM, readable for this user only.
    [[nodiscard]] std::string key_file() const { return folder_ / "key.pem"; }

private:
    SelfSigned(std::filesystem::path folder, bool is_temporary)
        : folder_{std::move(folder)}, is_temporary_{is_temporary} {}
    [[nodiscard]] std::optional<Error> make(const std::vector<std::string>& hosts) const;
    [[nodiscard]] std::optional<Error> problem_of_others() const;
    [[nodiscard]] bool holds_for(const std::vector<std::string>& hosts) const;

    std::filesystem::path folder_;
    bool is_temporary_{false};
};

}  // namespace ringback
