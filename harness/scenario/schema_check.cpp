// The published schema held against a file. The reader's own words are better; this is the net
// below it, so that no editor accepts less than ringback does.
#include <fmt/format.h>

#include <cstddef>
#include <exception>
#include <new>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "harness/scenario/load.h"
#include "harness/scenario/reading.h"

namespace ringback {
namespace {

using nlohmann::json;
using valijson::adapters::NlohmannJsonAdapter;

/// {"<root>", "[steps]", "[0]"} becomes "/steps/0".
std::string pointer_of(const std::vector<std::string>& context) {
    std::string pointer;
    for (const std::string& step : context) {
        if (step.size() >= 2 && step.front() == '[' && step.back() == ']') {
            pointer += "/" + pointer_step(std::string_view{step}.substr(1, step.size() - 2));
        }
    }
    return pointer;
}

/// Built once: that takes ten times as long as reading a file.
struct PublishedSchema {
    PublishedSchema() {
        // The library writes to where it was given no memory: what it takes, less than 2 MiB, is
        // asked for before.
        constexpr std::size_t ample = std::size_t{4} << 20U;
        void* volatile room = ::operator new(ample);  // volatile: or it would be left out
        ::operator delete(room);
        const json text = json::parse(scenario_schema());
        valijson::SchemaParser{}.populateSchema(NlohmannJsonAdapter{text}, schema);
    }
    // By itself the library ends the process where there is no memory.
    valijson::Schema schema{::operator new, ::operator delete };
};

}  // namespace

std::optional<Mistake> refused_by_schema(const Document& document) {
    // The library throws; what it throws goes no further.
    try {
        static const PublishedSchema published;
        const json text = document.root();
        valijson::Validator validator;
        valijson::ValidationResults results;
        if (validator.validate(published.schema, NlohmannJsonAdapter{text}, &results)) {
            return std::nullopt;
        }
        valijson::ValidationResults::Error error;
        results.popError(error);
        return Mistake{document.file(), document.of(pointer_of(error.context)),
                       "the schema of scenario files refuses this: " + error.description};
    } catch (const std::bad_alloc&) {
        throw;  // says nothing about the file
    } catch (const std::exception& problem) {
        return Mistake{
            document.file(),
            {},
            fmt::format("the schema of scenario files cannot be applied: {}", problem.what())};
    }
}

}  // namespace ringback
