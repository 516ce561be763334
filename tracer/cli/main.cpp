// SPDX-License-Identifier: MIT
// The program: picks the verb.
#include <cstdio>
#include <span>
#include <string_view>

int main(int argc, char** argv) {
    const std::span args(argv, static_cast<std::size_t>(argc));
    if (args.size() == 2 && std::string_view(args[1]) == "--version") {
        std::puts("corotrace " COROTRACE_VERSION);
        return 0;
    }
    std::fputs("corotrace: nothing to do yet\n", stderr);
    return 2;
}
