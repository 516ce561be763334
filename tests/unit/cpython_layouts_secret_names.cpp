// SPDX-License-Identifier: MIT
#include "cpython_layouts/secret_names.hpp"
#include "tests/support/catch.hpp"

namespace corotrace::cpython_layouts_secret_names_test {

using corotrace::is_secret_name;

TEST_CASE("names that say that their value is a secret") {
    for (const char* name : {"password",
                             "Password",
                             "PASSWORD",
                             "db_password",
                             "userPassword",
                             "mypassword2",
                             "passwd",
                             "pass_word",
                             "token",
                             "accessToken",
                             "X-Auth-Token",
                             "tokens",
                             "secret",
                             "client_secret",
                             "key",
                             "api_key",
                             "apiKey",
                             "APIKEY",
                             "api-key",
                             "key1",
                             "private_key",
                             "pwd",
                             "auth",
                             "Authorization_token",
                             "session",
                             "cookie",
                             "JWT",
                             "credentials",
                             "aws_secret_access_key"}) {
        INFO(name);
        CHECK(is_secret_name(name));
    }
}

TEST_CASE("names that only look a little like it") {
    for (const char* name :
         {"", "_", "keyboard", "monkey", "author", "compass", "passenger", "number", "spin", "tok", "user",
          "turkey", "saltwater", "obsession", "hockey_team", "0", "*args"}) {
        INFO(name);
        CHECK_FALSE(is_secret_name(name));
    }
}

}  // namespace corotrace::cpython_layouts_secret_names_test
