// SPDX-License-Identifier: MIT
// usage: record_images ID...
// Records tests/images/ID.image.gz for interpreters of scripts/find_interpreters.py: the pages that the
// readers look at while drop.py stays inside its drop. Refuses to record what they do not read right.
#include <algorithm>
#include <cstdio>
#include <string>

#include "cpython_layouts/block.hpp"
#include "symbols/process_memory.hpp"
#include "symbols/recorded_memory.hpp"
#include "tests/images/drop_reading.hpp"
#include "tests/support/interpreters.hpp"
#include "tests/support/telling_program.hpp"
#include "tests/support/test_data.hpp"

namespace {

using namespace corotrace;

bool record(const TestInterpreter& interpreter) {
    // An empty environment and an isolated interpreter: nothing of this machine's user gets into the pages.
    auto command = interpreter.command;
    command.insert(command.begin(), {"env", "-i", "-C", "/", "PATH=/usr/sbin:/usr/bin"});
    command.insert(command.end(), {"-I", "-S"});
    const auto program = run_telling(command, test::test_data("images/drop.py"));
    const auto live = ProcessMemory::open(program.process.pid(), false);
    if (!live) return false;
    const RecordingMemory recording(*live);
    const auto found = read_drop(recording, program.facts);
    if (found != program.facts.at("expected")) {
        std::fprintf(stderr, "%s: read %s\nexpected %s\n", interpreter.id.c_str(), found.dump().c_str(),
                     program.facts.at("expected").dump().c_str());
        return false;
    }
    const std::string path = test::test_data("images/") + interpreter.id + ".image.gz";
    ImageFacts facts{{"id", interpreter.id}, {"told", program.facts.dump()}};
    for (const char* name : {"runtime", "coroutine_type", "coroutine", "thread_id"}) {
        facts[name] = to_hex({program.facts.at(name).get<std::uint64_t>()});
    }
    facts["version"] = program.facts.at("version").get<std::string>();
    std::replace(facts["version"].begin(), facts["version"].end(), '\n', ' ');
    const auto saved = recording.save(path, facts);
    if (!saved) std::fprintf(stderr, "%s: %s\n", path.c_str(), saved.error().what.c_str());
    return saved.ok();
}

}  // namespace

int main(int argc, char** argv) {
    int failed = argc < 2 ? 1 : 0;
    const auto found = find_interpreters();
    for (int i = 1; i < argc; ++i) {
        bool done = false;
        for (const auto& interpreter : found)
            done = done || (interpreter.id == argv[i] && record(interpreter));
        if (!done) {
            std::fprintf(stderr, "record_images: %s was not recorded\n", argv[i]);
            ++failed;
        }
    }
    return failed == 0 ? 0 : 1;
}
