// SPDX-License-Identifier: MIT
// TlsIdentity: the certificate and key by which a server shows who it is, and the rules of its connections:
// TLS 1.2 or newer, no renegotiation, no compression, no sessions that are kept.
#pragma once

#include <memory>
#include <string>

#include "symbols/result.hpp"

namespace boost::asio::ssl {
class context;
}

namespace corotrace {

struct TlsFiles {
    std::string certificate;  // PEM, with those that signed it behind it
    std::string key;          // PEM, without a password
};

class TlsIdentity {
public:
    // Errors: usage (a file that cannot be read or holds something else, a key that is not the
    // certificate's), with the path.
    [[nodiscard]] static Result<TlsIdentity> load(const TlsFiles& files);

    // A connection that is made of it keeps what it needs of it.
    [[nodiscard]] boost::asio::ssl::context& context() const { return *context_; }

private:
    explicit TlsIdentity(std::shared_ptr<boost::asio::ssl::context> context) : context_(std::move(context)) {}
    std::shared_ptr<boost::asio::ssl::context> context_;  // shared by copies; not changed once it is made
};

}  // namespace corotrace
