#include "simulator/edge/self_signed.h"

#include <fcntl.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <boost/asio/ip/address.hpp>
#include <cerrno>
#include <ctime>
#include <memory>
#include <new>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "simulator/edge/tls_files.h"

namespace ringback {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Extension = std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)>;
using Memory = std::unique_ptr<BIO, decltype(&BIO_free)>;

constexpr std::string_view own_name{"ringback"};
constexpr long hour = 3600;
constexpr long day = 24 * hour;
constexpr long good_for = 397 * day;  // more is refused by some clients, whoever has signed it

std::string system_reason() { return std::generic_category().message(errno); }

bool is_address(const std::string& host) {
    boost::system::error_code error;
    boost::asio::ip::make_address(host, error);
    return !error;
}

/// "DNS:localhost,IP:127.0.0.1"
std::string alternative_names(const std::vector<std::string>& hosts) {
    std::string names;
    for (const std::string& host : hosts) {
        names += names.empty() ? "" : ",";
        names += (is_address(host) ? "IP:" : "DNS:") + host;
    }
    return names;
}

bool add_extension(X509* certificate, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    const Extension extension{X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()),
                              &X509_EXTENSION_free};
    return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool set_number(X509* certificate) {
    std::array<unsigned char, 16> bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
        return false;
    }
    bytes[0] = static_cast<unsigned char>((bytes[0] & 0x7fU) | 0x40U);  // positive, and never short
    const std::unique_ptr<BIGNUM, decltype(&BN_free)> number{
        BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr), &BN_free};
    return number &&
           BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

/// Its own issuer, and good for nothing but being the server it says it is: whoever trusts it
/// trusts no other certificate by it.
Certificate certificate_for(EVP_PKEY* key, const std::vector<std::string>& hosts) {
    Certificate made{X509_new(), &X509_free};
    X509* const x509 = made.get();
    X509_NAME* const name = x509 == nullptr ? nullptr : X509_get_subject_name(x509);
    const std::string common{own_name};
    const bool done =
        name != nullptr && X509_set_version(x509, X509_VERSION_3) == 1 && set_number(x509) &&
        X509_gmtime_adj(X509_getm_notBefore(x509), -hour) != nullptr &&
        X509_gmtime_adj(X509_getm_notAfter(x509), good_for) != nullptr &&
        X509_set_pubkey(x509, key) == 1 &&
        X509_NAME_add_entry_by_txt(
            name, "CN", MBSTRING_UTF8,
            reinterpret_cast<const unsigned char*>(common.c_str()),  // NOLINT(*reinterpret-cast)
            -1, -1, 0) == 1 &&
        X509_set_issuer_name(x509, name) == 1 &&
        add_extension(x509, NID_subject_alt_name, alternative_names(hosts)) &&
        add_extension(x509, NID_basic_constraints, "critical,CA:FALSE") &&
        add_extension(x509, NID_key_usage, "critical,digitalSignature") &&
        add_extension(x509, NID_ext_key_usage, "serverAuth") &&
        X509_sign(x509, key, EVP_sha256()) != 0;
    return done ? std::move(made) : Certificate{nullptr, &X509_free};
}

/// What `write` puts into a BIO, as text.
template <class Write>
std::string pem_of(Write write) {
    const Memory memory{BIO_new(BIO_s_mem()), &BIO_free};
    if (!memory || write(memory.get()) != 1) {
        return {};
    }
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &bytes);  // NOLINT(*cstyle-cast)
    return {bytes, static_cast<std::size_t>(size)};
}

/// Beside its place and renamed into it: nobody reads half of it, and a key is never there with
/// looser rights than it is to have.
std::optional<Error> write_file(const std::string& file, const std::string& text, int rights) {
    const std::string fresh = file + ".new";
    ::unlink(fresh.c_str());
    const int descriptor = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, rights);
    if (descriptor < 0) {
        return Error{fresh, "cannot be written: " + system_reason()};
    }
    const bool written =
        ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    const std::string reason = system_reason();
    if (::close(descriptor) != 0 || !written || ::rename(fresh.c_str(), file.c_str()) != 0) {
        const std::string why = written ? system_reason() : reason;
        ::unlink(fresh.c_str());
        return Error{file, "cannot be written: " + why};
    }
    return std::nullopt;
}

Certificate read_certificate(const std::string& file) {
    const Memory in{BIO_new_file(file.c_str(), "r"), &BIO_free};
    Certificate read{in ? PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr) : nullptr,
                     &X509_free};
    ERR_clear_error();
    return read;
}

/// By the name it gives itself, which is its issuer's too.
bool is_ours(X509* certificate) {
    std::array<char, 64> name{};
    X509_NAME* const subject = X509_get_subject_name(certificate);
    X509_NAME_get_text_by_NID(subject, NID_commonName, name.data(), static_cast<int>(name.size()));
    return own_name == name.data() &&
           X509_NAME_cmp(subject, X509_get_issuer_name(certificate)) == 0;
}

/// Others that start with the same folder wait, and find what was made.
class FolderLock {
public:
    explicit FolderLock(const std::filesystem::path& folder)
        : descriptor_{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)} {
        if (descriptor_ >= 0) {
            ::flock(descriptor_, LOCK_EX);
        }
    }
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;
    ~FolderLock() {
        if (descriptor_ >= 0) {
            ::close(descriptor_);
        }
    }

private:
    int descriptor_;
};

bool is_good_for_a_day(X509* certificate) {
    std::time_t tomorrow = std::time(nullptr) + day;
    std::time_t now = tomorrow - day;
    return X509_cmp_time(X509_get0_notAfter(certificate), &tomorrow) > 0 &&
           X509_cmp_time(X509_get0_notBefore(certificate), &now) < 0;
}

}  // namespace

SelfSigned::SelfSigned(SelfSigned&& other) noexcept
    : folder_{std::move(other.folder_)}, is_temporary_{std::exchange(other.is_temporary_, false)} {}

SelfSigned& SelfSigned::operator=(SelfSigned&& other) noexcept {
    std::swap(folder_, other.folder_);
    std::swap(is_temporary_, other.is_temporary_);
    return *this;
}

SelfSigned::~SelfSigned() {
    // Twice, as memory that is not there may be there a moment later. What is left after all lies
    // in the system's folder for such things.
    for (int attempt = 0; is_temporary_ && attempt < 2; ++attempt) {
        try {
            std::error_code error;
            std::filesystem::remove_all(folder_, error);
            is_temporary_ = bool{error};
        } catch (const std::bad_alloc&) {  // it throws this all the same
        }
    }
}

Result<SelfSigned> SelfSigned::temporary(const std::vector<std::string>& hosts) {
    std::error_code error;
    const std::filesystem::path base = std::filesystem::temp_directory_path(error);
    std::string folder = (error ? std::filesystem::path{"/tmp"} : base) / "ringback-tls-XXXXXX";
    if (::mkdtemp(folder.data()) == nullptr) {
        return Error{folder, "no folder can be made for a certificate: " + system_reason()};
    }
    const auto owned = [&folder] {
        try {
            return SelfSigned{folder, true};
        } catch (const std::bad_alloc&) {
            ::rmdir(folder.c_str());  // nobody else would
            throw;
        }
    };
    SelfSigned pair = owned();
    if (auto problem = pair.make(hosts)) {
        return *std::move(problem);
    }
    return pair;
}

Result<SelfSigned> SelfSigned::kept(const std::filesystem::path& folder,
                                    const std::vector<std::string>& hosts) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) {
        return Error{folder.string(), "no such folder can be made: " + error.message()};
    }
    SelfSigned pair{std::filesystem::absolute(folder, error), false};
    if (error) {
        return Error{folder.string(), "cannot be found: " + error.message()};
    }
    const FolderLock lock{pair.folder_};
    if (!pair.holds_for(hosts)) {
        if (auto problem = pair.problem_of_others()) {
            return *std::move(problem);
        }
        if (auto problem = pair.make(hosts)) {
            return *std::move(problem);
        }
    }
    return pair;
}

std::optional<Error> SelfSigned::make(const std::vector<std::string>& hosts) const {
    const Key key{EVP_EC_gen("P-256"), &EVP_PKEY_free};
    const Certificate certificate =
        key ? certificate_for(key.get(), hosts) : Certificate{nullptr, &X509_free};
    if (!certificate) {
        return Error{certificate_file(), "no certificate can be made for " +
                                             alternative_names(hosts) + ": " + reason_of_openssl()};
    }
    const std::string key_pem = pem_of([&](BIO* out) {
        return PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
    const std::string certificate_pem =
        pem_of([&](BIO* out) { return PEM_write_bio_X509(out, certificate.get()); });
    if (key_pem.empty() || certificate_pem.empty()) {
        return Error{certificate_file(), "cannot be put into words: " + reason_of_openssl()};
    }
    if (auto problem = write_file(key_file(), key_pem, 0600)) {
        return problem;
    }
    return write_file(certificate_file(), certificate_pem, 0644);
}

/// What somebody else has put there is never written over.
std::optional<Error> SelfSigned::problem_of_others() const {
    std::error_code ignored;  // what cannot be looked at cannot be written either, which is told
    const bool has_certificate = std::filesystem::exists(certificate_file(), ignored);
    const Certificate certificate = read_certificate(certificate_file());
    if (has_certificate && (!certificate || !is_ours(certificate.get()))) {
        return Error{certificate_file(),
                     "expected a certificate that ringback has made (--tls-dir), found another"};
    }
    if (!has_certificate && std::filesystem::exists(key_file(), ignored)) {
        return Error{key_file(),
                     "expected no key without a certificate beside it (--tls-dir), found one"};
    }
    return std::nullopt;
}

bool SelfSigned::holds_for(const std::vector<std::string>& hosts) const {
    const Certificate certificate = read_certificate(certificate_file());
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{
        SSL_CTX_new(TLS_server_method()), &SSL_CTX_free};
    if (!certificate || !context ||
        use_pair(context.get(), certificate_file(), key_file()).has_value() ||
        !is_good_for_a_day(certificate.get())) {
        return false;
    }
    for (const std::string& host : hosts) {
        const int found = is_address(host) ? X509_check_ip_asc(certificate.get(), host.c_str(), 0)
                                           : X509_check_host(certificate.get(), host.c_str(),
                                                             host.size(), 0, nullptr);
        if (found != 1) {
            return false;
        }
    }
    return true;
}

}  // namespace ringback
