#include "gateway/row_encoder.hpp"

#include "adapter/cell_json.hpp"
#include "base/base64.hpp"
#include "base/json_text.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

namespace hyperterse::gateway {

namespace {

using adapter::cell;
using adapter::cell_kind;
using adapter::row_batch;

// A column that is shown, with the text before its value: `"name":`, after a comma when it is not the first.
struct json_column {
    std::size_t cell;
    std::string prefix;
};

std::vector<json_column> json_columns(std::span<const output_column> columns) {
    std::vector<json_column> shown;
    shown.reserve(columns.size());
    for (std::size_t index = 0; index < columns.size(); ++index) {
        const auto later = columns.subspan(index + 1);
        if (std::ranges::find(later, columns[index].name, &output_column::name) != later.end()) {
            continue;
        }
        std::string prefix = shown.empty() ? "" : ",";
        append_json_string(prefix, columns[index].name);
        prefix += ':';
        shown.push_back({index, std::move(prefix)});
    }
    return shown;
}

// Line breaks of JSON text stand between its tokens only, where a space means the same.
void append_on_one_line(std::string& out, std::string_view json) {
    const std::size_t start = out.size();
    out += json;
    std::replace_if(
        out.begin() + static_cast<std::ptrdiff_t>(start),
        out.end(),
        [](char c) { return c == '\n' || c == '\r'; },
        ' '
    );
}

class json_encoder : public row_encoder {
public:
    explicit json_encoder(std::span<const output_column> columns) : columns_(json_columns(columns)) {}

    void begin(std::string& out) override { out += R"({"success":true,"error":"","results":[)"; }

    void rows(const row_batch& batch, std::string& out) override {
        for (std::size_t index = 0; index < batch.row_count(); ++index) {
            const std::span<const cell> row = batch.row(index);
            out += first_ ? "{" : ",{";
            first_ = false;
            for (const json_column& column : columns_) {
                out += column.prefix;
                append_json(out, row[column.cell]);
            }
            out += '}';
        }
    }

    void end(const summary& said, std::string& out) override {
        out += ']';
        if (said.rows_affected) {
            out += ",\"rows_affected\":";
            append_json_number(out, *said.rows_affected);
        }
        if (said.last_insert_id) {
            out += ",\"last_insert_id\":";
            append_json_number(out, *said.last_insert_id);
        }
        if (said.truncated) {
            out += ",\"truncated\":true,\"truncated_by\":";
            append_json_string(out, said.truncated_by);
        }
        out += "}\n";
    }

private:
    std::vector<json_column> columns_;
    bool first_ = true;
};

class ndjson_encoder : public row_encoder {
public:
    explicit ndjson_encoder(std::span<const output_column> columns) : columns_(json_columns(columns)) {}

    void begin(std::string&) override {}

    void rows(const row_batch& batch, std::string& out) override {
        for (std::size_t index = 0; index < batch.row_count(); ++index) {
            const std::span<const cell> row = batch.row(index);
            out += '{';
            for (const json_column& column : columns_) {
                out += column.prefix;
                append(row[column.cell], out);
            }
            out += "}\n";
        }
    }

    void end(const summary&, std::string&) override {}

private:
    static void append(const cell& shown, std::string& out) {
        if (shown.kind == cell_kind::json) {
            append_on_one_line(out, shown.text);
        } else {
            append_json(out, shown);
        }
    }

    std::vector<json_column> columns_;
};

void append_csv_text(std::string& out, std::string_view text) {
    if (!text.empty() && text.find_first_of(",\"\r\n") == std::string_view::npos) {
        out += text;
        return;
    }
    out += '"';
    for (const char c : text) {
        if (c == '"') {
            out += '"';
        }
        out += c;
    }
    out += '"';
}

void append_csv_number(std::string& out, double number) {
    if (std::isfinite(number)) {
        append_json_number(out, number);
    } else {
        out += std::isnan(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity";
    }
}

void append_csv(std::string& out, const cell& shown) {
    switch (shown.kind) {
    case cell_kind::null:
        return;
    case cell_kind::boolean:
        out += shown.boolean ? "true" : "false";
        return;
    case cell_kind::integer:
        append_json_number(out, shown.integer);
        return;
    case cell_kind::floating:
        append_csv_number(out, shown.floating);
        return;
    case cell_kind::decimal:
    case cell_kind::text:
    case cell_kind::json:
        append_csv_text(out, shown.text);
        return;
    case cell_kind::bytes:
        if (shown.text.empty()) {
            append_csv_text(out, {});
        }
        append_base64(out, shown.text);
        return;
    }
}

class csv_encoder : public row_encoder {
public:
    explicit csv_encoder(std::span<const output_column> columns) : columns_(columns) {}

    void begin(std::string& out) override {
        for (const output_column& column : columns_) {
            if (&column != &columns_.front()) {
                out += ',';
            }
            append_csv_text(out, column.name);
        }
        end_line(out);
    }

    void rows(const row_batch& batch, std::string& out) override {
        for (std::size_t index = 0; index < batch.row_count(); ++index) {
            const std::span<const cell> row = batch.row(index);
            for (const cell& shown : row) {
                if (&shown != &row.front()) {
                    out += ',';
                }
                append_csv(out, shown);
            }
            end_line(out);
        }
    }

    void end(const summary&, std::string&) override {}

private:
    void end_line(std::string& out) const {
        if (!columns_.empty()) {
            out += "\r\n";
        }
    }

    std::span<const output_column> columns_;
};

} // namespace

std::unique_ptr<row_encoder> make_row_encoder(row_format format, std::span<const output_column> columns) {
    switch (format) {
    case row_format::json:
        return std::make_unique<json_encoder>(columns);
    case row_format::ndjson:
        return std::make_unique<ndjson_encoder>(columns);
    case row_format::csv:
        return std::make_unique<csv_encoder>(columns);
    }
    return nullptr;
}

} // namespace hyperterse::gateway
