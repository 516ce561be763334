// SPDX-License-Identifier: MIT
#include "tracer/http/tls_identity.hpp"

#include <openssl/ssl.h>

#include <boost/asio/ssl/context.hpp>

namespace corotrace {

namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

Error make_error(const std::string& path, const std::string& what, const error_code& problem) {
    return {Errc::usage, 0, path + ": " + what + " (" + problem.message() + ")"};
}

void set_rules(ssl::context& context) {
    SSL_CTX* raw = context.native_handle();
    SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
    SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                                 SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(raw, 0);
    SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS);
}

}  // namespace

Result<TlsIdentity> TlsIdentity::load(const TlsFiles& files) {
    try {
        auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
        set_rules(*context);
        error_code problem;
        // Else OpenSSL would ask for one at the terminal.
        context->set_password_callback(
            [](std::size_t, ssl::context::password_purpose) { return std::string(); });
        context->use_certificate_chain_file(files.certificate, problem);
        if (problem) return make_error(files.certificate, "no certificate in PEM can be read there", problem);
        context->use_private_key_file(files.key, ssl::context::pem, problem);
        if (problem)
            return make_error(
                files.key,
                "no key in PEM, without a password, of " + files.certificate + " can be read there", problem);
        // Loading compares only what is of one kind.
        if (SSL_CTX_check_private_key(context->native_handle()) != 1)
            return Error{Errc::usage, 0, files.key + ": the key is not that of " + files.certificate};
        return TlsIdentity(std::move(context));
    } catch (const std::exception& problem) {
        return Error{Errc::io, 0, "TLS cannot be used: " + std::string(problem.what())};
    }
}

}  // namespace corotrace
