// SPDX-License-Identifier: MIT
#include "tracer/findings/own_code.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <cctype>

namespace corotrace {
namespace {

constexpr std::string_view kFrozen = "<frozen ";

// What follows the last folder of that name.
std::optional<std::string_view> after_folder(std::string_view file, std::string_view folder) {
    const auto at = file.rfind(folder);
    if (at == std::string_view::npos) return std::nullopt;
    return file.substr(at + folder.size());
}

bool is_digit(char c) {
    return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

// Behind /lib/python3.11/ and the like, also .../lib/python3.13t/ and a zipped standard library.
std::optional<std::string_view> after_standard_library(std::string_view file) {
    for (const std::string_view folder : {"/lib/python", "/lib64/python"}) {
        auto rest = after_folder(file, folder);
        if (!rest || rest->empty() || !is_digit(rest->front())) continue;
        const auto slash = rest->find('/');
        if (slash == std::string_view::npos) continue;
        const std::string_view version = rest->substr(0, slash);
        const auto is_part = [](char c) { return is_digit(c) || c == '.' || c == 't' || c == 'd'; };
        if (std::ranges::all_of(version, is_part) || version.ends_with(".zip"))
            return rest->substr(slash + 1);
    }
    return std::nullopt;
}

// From where it is imported; null: of no library, or of one that has no file.
std::optional<std::string_view> path_in_library(std::string_view file) {
    for (const std::string_view folder : {"/site-packages/", "/dist-packages/"}) {
        if (auto rest = after_folder(file, folder)) return rest;
    }
    return after_standard_library(file);
}

std::string_view first_part(std::string_view path, char separator) {
    return path.substr(0, path.find(separator));
}

std::string frozen_path(std::string_view file) {
    std::string path(file.substr(kFrozen.size()));
    if (path.ends_with('>')) path.pop_back();
    std::ranges::replace(path, '.', '/');
    return path + ".py";
}

}  // namespace

std::optional<std::string> library_of(std::string_view file) {
    if (file.starts_with(kFrozen)) return std::string(first_part(frozen_path(file), '/'));
    if (file.starts_with('<')) return std::string(file);
    const auto path = path_in_library(file);
    if (!path) return std::nullopt;
    const std::string_view first = first_part(*path, '/');
    return std::string(first.ends_with(".py") ? first.substr(0, first.size() - 3) : first);
}

std::string portable_path(std::string_view file) {
    if (file.starts_with(kFrozen)) return frozen_path(file);
    if (file.starts_with('<')) return std::string(file);
    if (const auto path = path_in_library(file)) return std::string(*path);
    const auto slash = file.rfind('/');
    if (slash == std::string_view::npos) return std::string(file);
    const std::string_view last = file.substr(slash + 1);
    if (last != "__init__.py" && last != "__main__.py") return std::string(last);
    const auto before = file.substr(0, slash).rfind('/');
    return std::string(before == std::string_view::npos ? file : file.substr(before + 1));
}

bool OwnCode::is_own(const std::string& file) const {
    const auto matches = [&](const std::string& glob) {
        return ::fnmatch(glob.c_str(), file.c_str(), 0) == 0;
    };
    return std::ranges::any_of(globs_, matches) || !library_of(file);
}

}  // namespace corotrace
