// SPDX-License-Identifier: MIT
// Which names say that their value is a secret: password, token, secret, key and their kin, as a word of a
// name (api_key, userPassword, X-Auth-Token) or, where no other word has it in it, anywhere (mypassword).
#pragma once

#include <string_view>

namespace corotrace {

[[nodiscard]] bool is_secret_name(std::string_view name);

}  // namespace corotrace
