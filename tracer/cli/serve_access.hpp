// SPDX-License-Identifier: MIT
// ServeAccess: who may read what serve answers, by a token in a file, and the certificate that it shows.
// Files that change are read again at the next request: a token or a certificate that is renewed needs no
// restart.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "symbols/result.hpp"
#include "tracer/http/http_server.hpp"

namespace corotrace::cli {

struct AccessFiles {
    std::string token;            // empty: no token is asked for
    std::optional<TlsFiles> tls;  // null: no TLS
};

// Reads the files. Afterwards one thread at a time may use what it returns. If a file is wrong later, that is
// said on standard error, and the certificate stays as it was; of a token nobody is let in then but probes.
// Errors: usage (a file cannot be read or is wrong).
[[nodiscard]] Result<HttpAccess> open_access(const AccessFiles& files);

// Whether it is a page for probes, which have no token and learn nothing.
[[nodiscard]] bool is_for_probes(std::string_view path);

}  // namespace corotrace::cli
