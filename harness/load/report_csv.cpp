#include "harness/load/report_csv.h"

#include <fmt/format.h>

#include "harness/load/fields.h"

namespace ringback {
namespace {

struct CellText {
    const LoadSecond& second;
    bool valid;

    std::string operator()(bool LoadSecond::*member) const {
        return second.*member ? "true" : "false";
    }
    std::string operator()(QuantileField field) const {
        const bool told = valid || field.of == &LoadSecond::send_lag;
        return told ? fmt::to_string(second.*field.of.*field.member) : "";
    }
    template <class Number>
    std::string operator()(Number LoadSecond::*member) const {
        return fmt::to_string(second.*member);
    }
};

}  // namespace

std::string load_csv(const LoadResult& result) {
    std::string out;
    for (const SecondField& field : second_fields) {
        out += fmt::format("{}{}", out.empty() ? "" : ",", field.name);
    }
    out += "\r\n";
    for (const LoadSecond& second : result.seconds) {
        std::string row;
        for (const SecondField& field : second_fields) {
            row += &field == second_fields.data() ? "" : ",";
            row += std::visit(CellText{second, result.truth.valid()}, field.member);
        }
        out += row + "\r\n";
    }
    return out;
}

}  // namespace ringback
