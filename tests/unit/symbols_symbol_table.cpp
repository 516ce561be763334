// SPDX-License-Identifier: MIT
#include <elf.h>

#include <string>
#include <vector>

#include "symbols/symbol_table.hpp"
#include "tests/support/catch.hpp"

namespace corotrace::symbols_symbol_table_test {

namespace {

struct Given {
    const char* name;
    std::uint64_t value;
    std::uint64_t size;
    unsigned binding = STB_GLOBAL;
    unsigned type = STT_FUNC;
    std::uint16_t section = 1;
};

SymbolTable table_of(const std::vector<Given>& given) {
    std::vector<char> strings(1, '\0');
    std::vector<Elf64_Sym> symbols;
    for (const Given& g : given) {
        Elf64_Sym symbol{};
        symbol.st_name = static_cast<Elf64_Word>(strings.size());
        symbol.st_info = static_cast<unsigned char>(ELF64_ST_INFO(g.binding, g.type));
        symbol.st_shndx = g.section;
        symbol.st_value = g.value;
        symbol.st_size = g.size;
        symbols.push_back(symbol);
        for (const char* c = g.name; *c != '\0'; ++c) strings.push_back(*c);
        strings.push_back('\0');
    }
    return {std::as_bytes(std::span(symbols)), std::move(strings)};
}

std::string at(const SymbolTable& table, std::uint64_t value) {
    const auto* const entry = table.at(value);
    return entry == nullptr ? "none" : std::string(table.name(*entry));
}

}  // namespace

TEST_CASE("symbol table: the function that holds an address") {
    const auto table = table_of({{"outer", 100, 100},
                                 {"inner", 120, 10},
                                 {"assembly", 300, 0},
                                 {"after", 400, 10},
                                 {"data", 125, 4, STB_GLOBAL, STT_OBJECT}});
    CHECK(at(table, 99) == "none");
    CHECK(at(table, 100) == "outer");
    CHECK(at(table, 119) == "outer");
    CHECK(at(table, 120) == "inner");
    CHECK(at(table, 126) == "inner");
    CHECK(at(table, 130) == "outer");  // behind the inner one
    CHECK(at(table, 199) == "outer");
    CHECK(at(table, 200) == "none");
    CHECK(at(table, 399) == "assembly");  // does not say how far it reaches
    CHECK(at(table, 409) == "after");
    CHECK(at(table, 410) == "none");
    CHECK(at(table, UINT64_MAX) == "none");
}

TEST_CASE("symbol table: of several names for one address, a sized and global one") {
    CHECK(at(table_of({{"local", 100, 10, STB_LOCAL}, {"global", 100, 10}, {"weak", 100, 10, STB_WEAK}}),
             105) == "global");
    CHECK(at(table_of({{"label", 100, 0}, {"local", 100, 10, STB_LOCAL}}), 105) == "local");
    CHECK(at(table_of({{"local", 100, 10, STB_LOCAL}, {"label", 100, 0}}), 105) == "local");
}

TEST_CASE("symbol table: only what is defined here is found, the global one first") {
    const auto table = table_of({{"used", 0, 0, STB_GLOBAL, STT_FUNC, SHN_UNDEF},
                                 {"constant", 7, 0, STB_GLOBAL, STT_OBJECT, SHN_ABS},
                                 {"per_thread", 8, 8, STB_GLOBAL, STT_TLS},
                                 {"file.c", 0, 0, STB_LOCAL, STT_FILE},
                                 {"twice", 100, 1, STB_LOCAL},
                                 {"twice", 200, 1, STB_GLOBAL},
                                 {"twice", 300, 1, STB_LOCAL}});
    for (const char* name : {"used", "constant", "per_thread", "file.c", "twic", "twice2", ""}) {
        CAPTURE(name);
        CHECK(table.find(name) == nullptr);
    }
    REQUIRE(table.find("twice") != nullptr);
    CHECK(table.find("twice")->value == 200);
}

TEST_CASE("symbol table: names that leave the strings are left out") {
    Elf64_Sym symbol{};
    symbol.st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC);
    symbol.st_shndx = 1;
    symbol.st_value = 100;
    for (const Elf64_Word name : {4U, 5U, UINT32_MAX}) {
        symbol.st_name = name;
        const SymbolTable table(std::as_bytes(std::span(&symbol, 1)), {'\0', 'a', 'b', 'c'});
        CHECK(table.at(100) == nullptr);
    }
    symbol.st_name = 1;  // ends with the strings, without a 0
    const SymbolTable table(std::as_bytes(std::span(&symbol, 1)), {'\0', 'a', 'b', 'c'});
    CHECK(table.find("abc") != nullptr);
    CHECK(table.find("abcd") == nullptr);
    CHECK(at(table, 100) == "abc");
    // A table that ends in the middle of an entry.
    const auto cut = std::as_bytes(std::span(&symbol, 1)).first(sizeof(symbol) - 1);
    CHECK(SymbolTable(cut, {'\0', 'a', '\0'}).at(100) == nullptr);
}

}  // namespace corotrace::symbols_symbol_table_test
