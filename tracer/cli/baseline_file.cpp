// SPDX-License-Identifier: MIT
#include "tracer/cli/baseline_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <sstream>
#include <utility>

#include "symbols/escape.hpp"
#include "symbols/unique_fd.hpp"
#include "tracer/cli/usage_error.hpp"

namespace corotrace::cli {
namespace {

Error cannot_write(const std::string& path) {
    return {Errc::io, errno, "--update-baseline: '" + path + "' cannot be written"};
}

bool write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

}  // namespace

Result<BaselineChoice> read_baseline_choice(const Arguments& arguments) {
    BaselineChoice choice;
    const auto given = arguments.value("--baseline");
    if (given && given->text.empty()) return make_usage(given->origin + ": the name of the file is empty");
    if (given) choice.path = given->text;
    choice.updates = arguments.count("--update-baseline") > 0;
    if (choice.updates && !given) return make_usage("--update-baseline needs --baseline FILE");
    return choice;
}

Result<Baseline> read_baseline(const BaselineChoice& choice, const OwnCode& own) {
    if (choice.path.empty()) return Baseline(own);
    std::ifstream file(choice.path, std::ios::binary);
    if (!file && choice.updates && ::access(choice.path.c_str(), F_OK) != 0) return Baseline(own);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) {
        const bool is_empty = file.is_open() && text.str().empty() && !file.bad();
        if (!is_empty)
            return make_usage("--baseline: '" + choice.path +
                              "' cannot be read; make it by: --baseline FILE --update-baseline");
    }
    auto baseline = Baseline::parse(text.str(), own);
    if (baseline) return baseline;
    return make_usage("--baseline: '" + choice.path + "', " + baseline.error().what);
}

Status write_baseline(const BaselineChoice& choice, const Baseline& baseline) {
    struct stat before {};
    const bool existed = ::stat(choice.path.c_str(), &before) == 0;
    const std::string draft = choice.path + ".new-" + std::to_string(::getpid());
    UniqueFd fd(::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
    if (!fd.is_open()) return cannot_write(choice.path);
    if (existed) static_cast<void>(::fchmod(fd.get(), before.st_mode & 07777));
    const bool written = write_all(fd.get(), baseline.format()) && ::fsync(fd.get()) == 0;
    fd.reset();
    if (written && ::rename(draft.c_str(), choice.path.c_str()) == 0) return {};
    Error error = cannot_write(choice.path);
    ::unlink(draft.c_str());
    return error;
}

std::string describe_today() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    ::localtime_r(&now, &parts);
    char text[16];
    const std::size_t length = std::strftime(text, sizeof(text), "%Y-%m-%d", &parts);
    return {text, length};
}

void tell_unused(const BaselineChoice& choice, const Baseline& baseline) {
    for (const std::string& rule : baseline.unused_rules()) {
        std::fprintf(stderr, "corotrace: %s: matched nothing: %s\n", printable(choice.path).c_str(),
                     printable(rule).c_str());
    }
    const std::size_t entries = baseline.unused_entries();
    if (entries == 0) return;
    std::fprintf(stderr, "corotrace: %s: %zu known %s not found this time%s\n",
                 printable(choice.path).c_str(), entries, entries == 1 ? "site was" : "sites were",
                 choice.updates ? ", and taken out" : "; --update-baseline takes out what is gone");
}

}  // namespace corotrace::cli
