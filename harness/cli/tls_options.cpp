#include "harness/cli/tls_options.h"

#include <cstdlib>
#include <fstream>
#include <vector>

#include "harness/cli/options.h"
#include "harness/cli/values.h"

namespace ringback {
namespace {

constexpr const char* secret_variable{"RINGBACK_SIGNING_SECRET"};
constexpr std::size_t largest_secret_file = std::size_t{64} * 1024;

Result<std::vector<SigningSecret>> secrets_in_file(std::string_view path) {
    if (path.starts_with("whsec_")) {  // and is not said again
        return Error{"", std::string{"expected a file, found what looks like a secret: put it into "
                                     "a file, or into "} +
                             secret_variable};
    }
    const std::string name{path};
    std::ifstream in{name, std::ios::binary};
    std::string text(largest_secret_file + 1, '\0');
    if (!in || (in.read(text.data(), static_cast<std::streamsize>(text.size())), in.bad())) {
        return Error{"", name + ": cannot be opened for reading"};
    }
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.size() > largest_secret_file) {
        return Error{"", name + ": expected at most 64 kB, found more"};
    }
    auto secrets = signing_secrets_of(text, name);
    return secrets ? secrets : Error{"", to_text(secrets.error())};
}

}  // namespace

void add_https_flags(Flags& flags, ServerSettings& server, std::string& folder) {
    flags.value("--https-port", "N",
                "the API over TLS as well, with a certificate that ringback makes for this run "
                "unless --cert gives one; the ready line says where it lies",
                into(server.https_port, port_of));
    flags.value("--cert,--certificate", "FILE",
                "the API's certificate for --https-port: PEM, with its chain",
                into(server.certificate_file, non_empty_of));
    flags.also_from("RINGBACK_CERTIFICATE");
    flags.value("--key", "FILE", "its key, without a passphrase: PEM (where --cert is)",
                into(server.key_file, non_empty_of));
    flags.value("--tls-dir", "DIR",
                "keep the certificate that ringback makes there, and use it again: "
                "certificate.pem, key.pem",
                into(folder, non_empty_of));
    flags.value("--client-ca", "FILE",
                "clients of --https-port must show a certificate from one of these authorities: "
                "PEM",
                into(server.client_ca_file, non_empty_of));
}

void check_https(const ServerSettings& server, const std::string& folder, Flags& flags) {
    const auto needs_port = [&](std::string_view flag, const std::string& value) {
        if (!value.empty() && !server.https_port) {
            flags.add_problem({std::string{flag}, "expected together with --https-port"});
        }
    };
    needs_port("--cert", server.certificate_file);
    needs_port("--tls-dir", folder);
    needs_port("--client-ca", server.client_ca_file);
    if (!server.key_file.empty() && server.certificate_file.empty()) {
        flags.add_problem({"--key", "expected together with --cert"});
    }
    if (!folder.empty() && !server.certificate_file.empty()) {
        flags.add_problem({"--tls-dir", "expected without --cert: then nothing is made"});
    }
}

void add_callback_certificate_flags(Flags& flags, DeliverySettings& delivery) {
    flags.value("--callback-cert", "FILE",
                "the certificate that callbacks show to https receivers which ask for one: PEM, "
                "with its chain",
                into(delivery.certificate_file, non_empty_of));
    flags.value("--callback-key", "FILE",
                "its key, without a passphrase: PEM (where --callback-cert is)",
                into(delivery.key_file, non_empty_of));
}

void add_signing_flag(Flags& flags, DeliverySettings& delivery) {
    flags.value("--signing-secret-file", "FILE",
                "sign callbacks as Standard Webhooks says, with the whsec_... in there; several, "
                "newest first, sign side by side. Or RINGBACK_SIGNING_SECRET holds them",
                [&delivery](std::string_view path) -> Result<bool> {
                    auto secrets = secrets_in_file(path);
                    if (!secrets) {
                        return secrets.error();
                    }
                    delivery.signing = std::move(secrets).value();
                    delivery.signing_file = path;
                    return true;
                });
    // NOLINTNEXTLINE(concurrency-mt-unsafe): read before any thread is started
    if (const char* const text = std::getenv(secret_variable); text != nullptr && *text != '\0') {
        auto given = signing_secrets_of(text, secret_variable);
        if (given) {
            delivery.signing = std::move(given).value();
        } else {
            flags.add_problem({secret_variable, given.error().what});
        }
    }
}

}  // namespace ringback
