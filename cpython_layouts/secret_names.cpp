// SPDX-License-Identifier: MIT
#include "cpython_layouts/secret_names.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace corotrace {

namespace {

// Too short to be looked for inside other words: monkey, compass, author.
constexpr std::array<std::string_view, 18> kWords = {
    "key",  "keys",  "pass",   "pwd",  "pw",    "pin",     "otp",       "auth", "jwt",
    "cred", "creds", "cookie", "csrf", "nonce", "session", "signature", "salt", "bearer"};
constexpr std::array<std::string_view, 9> kParts = {
    "password", "passwd", "passphrase", "passcode", "secret", "token", "credential", "apikey", "privatekey"};

bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}
bool is_letter(char c) {
    return is_upper(c) || (c >= 'a' && c <= 'z');
}
char lower(char c) {
    return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_secret_word(const std::string& word) {
    return std::ranges::find(kWords, word) != kWords.end();
}

}  // namespace

bool is_secret_name(std::string_view name) {
    std::string letters;  // all of them, for a part may be written apart: pass_word
    std::string word;
    for (std::size_t i = 0; i < name.size(); ++i) {
        const char c = name[i];
        const bool begins = !is_letter(c) || (is_upper(c) && i > 0 && !is_upper(name[i - 1]));
        if (begins && is_secret_word(word)) return true;
        if (begins) word.clear();
        if (!is_letter(c)) continue;
        word += lower(c);
        letters += lower(c);
    }
    return is_secret_word(word) || std::ranges::any_of(kParts, [&](std::string_view part) {
               return letters.find(part) != std::string::npos;
           });
}

}  // namespace corotrace
