// SPDX-License-Identifier: MIT
#include "tracer/cli/config_file.hpp"

#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 1
#define TOML_ENABLE_FORMATTERS 0
#include <fmt/format.h>
#include <toml++/impl/preprocessor.h>

#include <algorithm>
#include <stdexcept>
#include <system_error>

namespace corotrace::cli {

// What toml++ takes for granted it has not always made sure of: "[!]" ends the program (3.3.0, parse_key).
struct UnexpectedToml : std::logic_error {
    using std::logic_error::logic_error;
};

[[noreturn]] void on_unexpected_toml();

}  // namespace corotrace::cli

#undef TOML_ASSERT_ASSUME
#define TOML_ASSERT_ASSUME(expression) \
    ((expression) ? static_cast<void>(0) : corotrace::cli::on_unexpected_toml())
#include <toml++/toml.h>

#include "tracer/cli/suggest.hpp"
#include "tracer/cli/usage_error.hpp"
#include "tracer/process/text_file.hpp"

namespace corotrace::cli {
namespace {

class TableReader {
public:
    TableReader(const std::string& path, std::span<const OptionSpec> specs) : path_(path), specs_(specs) {}

    void read(const toml::table& table) {
        // The table is sorted by name.
        std::vector<std::pair<const toml::key*, const toml::node*>> entries;
        for (const auto& [key, node] : table) entries.emplace_back(&key, &node);
        std::ranges::sort(entries, [](const auto& a, const auto& b) {
            const auto place = [](const auto& entry) {
                const auto& begin = entry.first->source().begin;
                return std::pair(begin.line, begin.column);
            };
            return place(a) < place(b);
        });
        for (const auto& [key, node] : entries) read(*key, *node);
    }
    void fault(const toml::source_position& at, const std::string& what) {
        file_.faults.push_back(fmt::format("{}: {}", place(at), what));
    }
    [[nodiscard]] ConfigFile finish() { return std::move(file_); }

private:
    [[nodiscard]] std::string place(const toml::source_position& at) const {
        return fmt::format("{}:{}:{}", path_, at.line, at.column);
    }

    void read(const toml::key& key, const toml::node& node) {
        const std::string name(key.str());
        const auto spec = std::ranges::find_if(specs_, [&](const OptionSpec& one) {
            return is_configurable(one) && one.name.substr(2) == name;
        });
        if (spec == specs_.end()) {
            fault(key.source().begin, explain_unknown(name, node));
        } else if (const toml::array* several = node.as_array()) {
            if (!spec->repeats) return fault(node.source().begin, "'" + name + "' takes one value, no array");
            for (const toml::node& one : *several) add(*spec, name, one);
        } else {
            add(*spec, name, node);
        }
    }

    [[nodiscard]] std::string explain_unknown(const std::string& name, const toml::node& node) const {
        if (node.is_table()) return "'" + name + "' is a table; options stand at the top level";
        std::vector<std::string_view> known;
        for (const OptionSpec& spec : specs_)
            if (is_configurable(spec)) known.push_back(spec.name.substr(2));
        const auto similar = find_similar(name, known);
        return "unknown option '" + name + "'" +
               (similar ? "; did you mean '" + std::string(*similar) + "'?" : "");
    }

    void add(const OptionSpec& spec, const std::string& name, const toml::node& node) {
        std::string text;
        if (const auto flag = node.value_exact<bool>(); flag && !spec.takes_value) {
            text = *flag ? "yes" : "no";
        } else if (const auto count = node.value_exact<std::int64_t>()) {
            text = std::to_string(*count);
        } else if (const auto number = node.value_exact<double>(); number && spec.takes_value) {
            text = fmt::format("{}", *number);
        } else if (const auto words = node.value_exact<std::string_view>(); words && spec.takes_value) {
            text = *words;
        } else {
            return fault(node.source().begin,
                         "'" + name + "' takes " +
                             (spec.takes_value ? "a text or a number" : "true, false or a number"));
        }
        file_.values.push_back(
            {std::string(spec.name), {std::move(text), place(node.source().begin) + ": " + name}});
    }

    const std::string& path_;
    std::span<const OptionSpec> specs_;
    ConfigFile file_;
};

bool is_unexpected(std::string_view text) {
    try {
        static_cast<void>(toml::parse(text));
    } catch (const UnexpectedToml&) {
        return true;
    } catch (const toml::parse_error&) {
    }
    return false;
}

// The first line, from 1, with which `text` becomes unexpected, which it is as a whole.
toml::source_index find_unexpected_line(std::string_view text) {
    std::vector<std::size_t> ends;
    for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1))
        ends.push_back(at + 1);
    const auto first = std::ranges::partition_point(
        ends, [&](std::size_t end) { return !is_unexpected(text.substr(0, end)); });
    return static_cast<toml::source_index>(first - ends.begin() + 1);
}

}  // namespace

void on_unexpected_toml() {
    throw UnexpectedToml("no TOML");
}

bool is_configurable(const OptionSpec& spec) {
    return spec.from_environment && spec.name != "--config";
}

Result<std::string> read_config_text(const std::string& path) {
    constexpr std::size_t kMost = 1 << 20;
    auto text = read_text_file(path, kMost + 1);
    if (!text) {
        const int why = text.error().os_error;
        return make_usage("the file of options '" + path + "' cannot be read" +
                          (why == 0 ? "" : ": " + std::generic_category().message(why)));
    }
    if (text->size() > kMost) return make_usage("the file of options '" + path + "' is larger than 1 MiB");
    return text;
}

ConfigFile parse_config(std::string_view text, const std::string& path, std::span<const OptionSpec> specs) {
    TableReader reader(path, specs);
    try {
        reader.read(toml::parse(text));
    } catch (const toml::parse_error& problem) {
        reader.fault(problem.source().begin, std::string(problem.description()));
    } catch (const UnexpectedToml&) {
        reader.fault({find_unexpected_line(text), 1},
                     "this line is no TOML: a name is missing, or has a character that no name has");
    }
    return reader.finish();
}

}  // namespace corotrace::cli
