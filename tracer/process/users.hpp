// SPDX-License-Identifier: MIT
// Names of users as /etc/passwd has them. The C library's own search would load NSS modules, which a static
// executable must not do inside a container that has another C library.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace corotrace {

// `text` is a passwd(5) file. Pure.
[[nodiscard]] std::optional<std::string> find_user_name(std::string_view passwd, std::uint32_t uid);
[[nodiscard]] std::optional<std::uint32_t> find_user_id(std::string_view passwd, std::string_view name);

// Empty where there is no such file. Capped at 1 MiB.
[[nodiscard]] std::string read_passwd(const char* path = "/etc/passwd");

// The names of several users: the file is read once, at the first that is asked for.
class UserNames {
public:
    [[nodiscard]] std::optional<std::string> find(std::uint32_t uid) {
        if (!passwd_) passwd_ = read_passwd();
        return find_user_name(*passwd_, uid);
    }

private:
    std::optional<std::string> passwd_;
};

}  // namespace corotrace
