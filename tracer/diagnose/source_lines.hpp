// SPDX-License-Identifier: MIT
// SourceLines: the source files that a drop's frames name, as they were right after it. Values; see
// SourceReader for where they come from. A file that changed since the program loaded it cannot be told (as
// Python's own traceback cannot).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tracer/findings/finding.hpp"

namespace corotrace {

class SourceText {
public:
    explicit SourceText(std::string text);

    // With its indentation, which columns count, without white space at its end; `line` counts from 1. Null:
    // no such line, nothing in it, or a very long one.
    [[nodiscard]] std::optional<std::string> find_line(int line) const;
    // Up to `most` lines before this one, itself, and as many after it. Null: there is no such line. Lines
    // that are very long are empty.
    [[nodiscard]] std::shared_ptr<const SourceAround> find_around(int line, int most) const;
    // The last line of the statements that begin on this one. Null: it goes on with one from before. By
    // brackets, strings and backslashes from the beginning of the file on.
    [[nodiscard]] std::optional<int> find_statement_end(int line) const;
    // The lines that have this text, the first `most` of them.
    [[nodiscard]] std::vector<int> find_lines_with(std::string_view text, std::size_t most) const;

private:
    std::string text_;
    std::vector<std::size_t> starts_;  // of its lines
};

// "<string>", "<frozen importlib._bootstrap>" are not.
[[nodiscard]] bool can_be_file(const std::string& name);

class SourceLines {
public:
    // `text` is null where there is no such file, or the target itself could not read it.
    void add(const std::string& file, std::shared_ptr<const SourceText> text);
    [[nodiscard]] bool has(const std::string& file) const { return files_.contains(file); }
    [[nodiscard]] std::optional<std::string> find_line(const std::string& file, int line) const;
    [[nodiscard]] std::shared_ptr<const SourceAround> find_around(const std::string& file, int line,
                                                                  int most) const;
    [[nodiscard]] std::optional<int> find_statement_end(const std::string& file, int line) const;
    [[nodiscard]] std::vector<int> find_lines_with(const std::string& file, std::string_view text,
                                                   std::size_t most) const;
    // The line that defines the function around this one: "async def f(x):". Null: none is around it.
    [[nodiscard]] std::optional<std::string> find_definition_around(const std::string& file, int line) const;
    // The variables of the loops around this line, up to the function's definition, and of comprehensions in
    // it.
    [[nodiscard]] std::vector<std::string> find_loop_names(const std::string& file, int line) const;

private:
    // The lines that open the blocks around this one, the innermost first, without their indentation, until
    // `take` returns true.
    template <typename Take>
    void walk_out(const std::string& file, int line, Take take) const;

    // Shared with the reader's cache, and so with the evidence of other drops.
    std::unordered_map<std::string, std::shared_ptr<const SourceText>> files_;
};

}  // namespace corotrace
