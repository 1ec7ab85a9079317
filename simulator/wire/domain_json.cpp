#include "simulator/wire/domain_json.h"

#include "simulator/wire/json_out.h"

namespace ringback {
namespace {

constexpr std::string_view sip_host{".bwapp.bwsip.io"};

IdText domain_id(const SipDomain& domain, const ResourceText& text) {
    return text.ids->make(IdKind::domain, text.user_hash, domain.number);
}

IdText endpoint_id(const SipDomain& domain, const SipEndpoint& endpoint, const ResourceText& text) {
    return text.ids->make(IdKind::endpoint, text.user_hash, domain.number, endpoint.number);
}

}  // namespace

void append_domain(std::string& out, const SipDomain& domain, const ResourceText& text) {
    JsonObject object{out};
    object.text("id", domain_id(domain, text).view());
    object.text("name", domain.name);
    object.text_if("description", domain.description);
    std::string endpoints;
    append_domain_url(endpoints, domain, text);
    object.text("endpoints", endpoints + "/endpoints");
    object.end();
}

void append_endpoint(std::string& out, const SipDomain& domain, const SipEndpoint& endpoint,
                     const ResourceText& text) {
    const std::string realm = domain.name + std::string{sip_host};
    JsonObject object{out};
    object.text("id", endpoint_id(domain, endpoint, text).view());
    object.text("name", endpoint.name);
    object.text_if("description", endpoint.description);
    object.text("domainId", domain_id(domain, text).view());
    object.text_if("applicationId", endpoint.application_id);
    object.boolean("enabled", endpoint.enabled);
    object.text("sipUri", endpoint.name + "@" + realm);
    JsonObject credentials{object.member("credentials")};
    credentials.text("realm", realm);
    credentials.text("username", endpoint.name);
    credentials.end();
    object.end();
}

void append_token(std::string& out, std::uint64_t token, std::int64_t seconds,
                  const ResourceText& text) {
    JsonObject object{out};
    object.text("token", text.ids->make(IdKind::endpoint_token, text.user_hash, token).view());
    object.integer("expires", seconds);
    object.end();
}

void append_domain_url(std::string& out, const SipDomain& domain, const ResourceText& text) {
    append_item_url(out, "domains", domain_id(domain, text).view(), text);
}

void append_endpoint_url(std::string& out, const SipDomain& domain, const SipEndpoint& endpoint,
                         const ResourceText& text) {
    append_domain_url(out, domain, text);
    out += "/endpoints/";
    out += endpoint_id(domain, endpoint, text).view();
}

}  // namespace ringback
