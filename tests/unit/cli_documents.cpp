// SPDX-License-Identifier: MIT
// Help, man page and completions are written by hand; here they are held against what is parsed.
#include <algorithm>
#include <set>

#include "tests/support/catch.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/test_data.hpp"
#include "tracer/cli/help.hpp"
#include "tracer/cli/options.hpp"
#include "tracer/cli/process_choice.hpp"
#include "tracer/cli/serve_options.hpp"

namespace corotrace::cli::cli_documents_test {
namespace {

std::string read_source(const std::string& path) {
    return test::read_text(test::test_data("../" + path));
}

std::string read_man_page() {
    std::string page = read_source("tracer/cli/corotrace.1");
    page.erase(std::remove(page.begin(), page.end(), '\\'), page.end());  // \-\-pid
    return page;
}

// "--word" as a whole word.
bool mentions(const std::string& text, std::string_view name) {
    for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
        const char next = at + name.size() < text.size() ? text[at + name.size()] : ' ';
        if (std::isalnum(static_cast<unsigned char>(next)) == 0 && next != '-') return true;
    }
    return false;
}

std::set<std::string> find_options(const std::string& text) {
    std::set<std::string> found;
    for (std::size_t at = text.find("--"); at != std::string::npos; at = text.find("--", at + 2)) {
        std::size_t end = at + 2;
        while (end < text.size() &&
               (std::islower(static_cast<unsigned char>(text[end])) != 0 || text[end] == '-'))
            ++end;
        if (end > at + 3) found.insert(text.substr(at, end - at));
    }
    return found;
}

struct VerbWords {
    std::string help;
    std::span<const OptionSpec> options;
};

// run takes options of attach, and is examined by itself; scan and tasks have the same.
std::vector<VerbWords> list_verbs() {
    return {{std::string(attach_help()), attach_option_specs()},
            {std::string(list_help()), list_option_specs()},
            {std::string(serve_help()), serve_option_specs()},
            {std::string(doctor_help()), doctor_option_specs()},
            {std::string(top_help()), top_option_specs()},
            {std::string(scan_help()) + std::string(tasks_help()), scan_option_specs()}};
}

TEST_CASE("every option is in its verb's help, the man page and the completions") {
    const std::string others[] = {read_man_page(), read_source("tracer/cli/completion/corotrace.bash"),
                                  read_source("tracer/cli/completion/_corotrace")};
    const std::string fish = read_source("tracer/cli/completion/corotrace.fish");
    for (const VerbWords& verb : list_verbs()) {
        for (const OptionSpec& spec : verb.options) {
            INFO(verb.help.substr(0, 80) << "... " << spec.name);
            CHECK(mentions(verb.help, spec.name));
            for (const std::string& text : others) CHECK(mentions(text, spec.name));
            CHECK(mentions(fish, "-l " + std::string(spec.name.substr(2))));
        }
    }
}

TEST_CASE("every option of run is one of attach, and in its help") {
    for (const OptionSpec& spec : run_option_specs()) {
        INFO(spec.name);
        CHECK(mentions(std::string(run_help()), spec.name));
        const auto known = attach_option_specs();
        CHECK(std::any_of(known.begin(), known.end(),
                          [&](const OptionSpec& other) { return other.name == spec.name; }));
    }
}

TEST_CASE("the short spellings are documented where they exist") {
    const std::string page = read_man_page();
    for (const OptionSpec& spec : attach_option_specs()) {
        if (spec.also.empty()) continue;
        const std::string letter(spec.also.substr(0, 2));
        INFO(letter);
        CHECK(mentions(std::string(attach_help()), letter + ", " + std::string(spec.name)));
        CHECK((mentions(page, ".BR " + letter + " \", \" " + std::string(spec.name))));
    }
}

TEST_CASE("no document mentions an option that does not exist") {
    std::set<std::string> known{"--locals"};
    for (const VerbWords& verb : list_verbs()) {
        for (const OptionSpec& spec : verb.options) known.insert(std::string(spec.name));
    }
    for (const std::string& text :
         {std::string(main_help()), std::string(attach_help()), std::string(run_help()),
          std::string(top_help()), std::string(list_help()), std::string(doctor_help()),
          std::string(serve_help()), std::string(scan_help()), std::string(tasks_help()), read_man_page(),
          read_source("tracer/cli/completion/corotrace.bash"),
          read_source("tracer/cli/completion/_corotrace")}) {
        for (const std::string& option : find_options(text)) {
            INFO(option);
            CHECK(known.count(option) == 1);
        }
    }
}

TEST_CASE("every format and exit code is documented") {
    for (const std::string& text : {std::string(attach_help()), read_man_page()}) {
        for (const Format& format : formats()) CHECK(mentions(text, format.name));
        for (const char* code : {"0", "1", "2", "3", "4", "5", "6", "130", "143"})
            CHECK(mentions(text, code));
    }
}

TEST_CASE("help fits a terminal of 80 columns and ends its last line") {
    for (const std::string_view text :
         {main_help(), attach_help(), top_help(), run_help(), list_help(), doctor_help(), serve_help(),
          scan_help(), tasks_help(), merge_help(), detach_help(), config_help()}) {
        CHECK(text.back() == '\n');
        std::size_t from = 0;
        for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n', from)) {
            INFO(text.substr(from, end - from));
            CHECK(end - from <= 80);
            from = end + 1;
        }
    }
}

}  // namespace
}  // namespace corotrace::cli::cli_documents_test
